using Spectre.Console;
using Spectre.Console.Rendering;
using Spn.Cli.Output;

namespace Spn.Cli.Batch;

/// <summary>Shows how far a batch is: a bar on a terminal, otherwise a line now and then.</summary>
internal static class BatchProgress
{
    private const int BarWidth = 20; // leaves room for the text on a terminal of 80 columns

    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(10);

    public static async Task ShowAsync(BatchCounter counter, Func<Task> work)
    {
        if (Terminal.ShowsProgress)
            await ShowBarAsync(counter, work).ConfigureAwait(false);
        else
            await ShowLinesAsync(counter, work).ConfigureAwait(false);
    }

    private static async Task ShowBarAsync(BatchCounter counter, Func<Task> work)
    {
        await Terminal.Error.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = BarWidth }, new CounterColumn(counter))
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("batch", maxValue: Math.Max(1, counter.Total));
                Task running = work();
                while (await Task.WhenAny(running, Task.Delay(100)).ConfigureAwait(false) != running)
                    bar.Value = counter.Finished;
                bar.Value = counter.Finished;
                await running.ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task ShowLinesAsync(BatchCounter counter, Func<Task> work)
    {
        await using Timer timer = new(_ => Console.Error.WriteLine(Line(counter)), null, s_lineInterval, s_lineInterval);
        await work().ConfigureAwait(false);
    }

    private static string Line(BatchCounter counter)
    {
        string line = $"{counter.Finished} of {counter.Total}";
        if (counter.Skipped > 0)
            line += $", {counter.Skipped} were done before";
        if (counter.Failures.Count is > 0 and int failures)
            line += $", {failures} failed";
        return counter.Pace.Length > 0 ? $"{line}, {counter.Pace}" : line;
    }

    private sealed class CounterColumn(BatchCounter counter) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Line(counter));
    }
}
