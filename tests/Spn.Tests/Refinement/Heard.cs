namespace Spn.Tests.Refinement;

/// <summary>Receives progress immediately and on the reporting thread, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class Heard(Action<RefineProgress> action) : IProgress<RefineProgress>
{
    public void Report(RefineProgress value) => action(value);
}
