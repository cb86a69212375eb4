using Spectre.Console;

namespace Spn.Cli.Output;

/// <summary>A bar on a terminal while one mask is refined, which takes seconds for a large photo.</summary>
internal static class RefineProgressBar
{
    /// <summary>Does work that reports progress. The bar is gone when it ends.</summary>
    public static async Task<T> ShowAsync<T>(Func<IProgress<RefineProgress>?, Task<T>> work)
    {
        if (!Terminal.ShowsProgress)
            return await work(null).ConfigureAwait(false);
        return await Terminal.Error.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => work(new Bar(context.AddTask("refine", maxValue: 1)))).ConfigureAwait(false);
    }

    // Progress<T> would report on another thread, and later.
    private sealed class Bar(ProgressTask task) : IProgress<RefineProgress>
    {
        public void Report(RefineProgress value) => task.Value = value.Fraction;
    }
}
