using System.Runtime.CompilerServices;
using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>Spn.Training and Spn are packages with versions of their own: an installed Spn.Training works with a later Spn.</summary>
[Collection(nameof(Packaging))]
public sealed class TrainingPackageTests(PackedSpn spn) : IDisposable
{
    private readonly string _folder = spn.Scratch();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Training_sees_no_internals_of_the_library()
    {
        IEnumerable<string> friends = typeof(SpnRefiner).Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), inherit: false)
            .Cast<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName);
        Assert.Contains("Spn.Tests", friends);
        Assert.DoesNotContain("Spn.Training", friends);
    }

    [Fact]
    public async Task Training_works_with_a_newer_library()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The app is published for Linux.");
        string feed = Path.Combine(_folder, "feed"), work = Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName;
        await spn.Pack("src/Spn.Training", spn.Version, feed);
        await spn.Pack("src/Spn", spn.NewerVersion, feed);

        string app = await PackedSpn.PublishApp(
            "TrainingApp", feed, _folder, [$"SpnVersion={spn.NewerVersion}", $"SpnTrainingVersion={spn.Version}", "SelfContained=false"]);
        ChildProcess run = await ChildProcess.Run(app, [work], work);

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("trained: 8 maps; Spn 0.2.0.0", run.Output, StringComparison.Ordinal);
    }
}
