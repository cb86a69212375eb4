using System.Diagnostics;
using System.Globalization;
using Orleans.Runtime;
using Spn.Orleans;

namespace Spn.Cluster.Output;

/// <summary>Shows how far a job is, in lines.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200), s_lineInterval = TimeSpan.FromSeconds(10);

    /// <exception cref="UsageException">There is no such job.</exception>
    public static async Task<RefineJobStatus> StatusAsync(RefineJobs jobs, string job)
        => await jobs.GetStatusAsync(job).ConfigureAwait(false) ?? throw new UsageException($"There is no job '{job}'.");

    /// <summary>Follows a job to its end: lines to standard error now and then, and the result to standard output.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> FollowAsync(RefineJobs jobs, string job, CancellationToken cancellation)
    {
        RefineJobStatus first = await StatusAsync(jobs, job).ConfigureAwait(false), status = first;
        long start = Stopwatch.GetTimestamp(), lastLine = start;
        while (status.Phase == RefineJobPhase.Running)
        {
            await Task.Delay(s_interval, cancellation).ConfigureAwait(false);
            try
            {
                status = await StatusAsync(jobs, job).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                // The coordinator moves to another silo.
            }
            if (status.Phase == RefineJobPhase.Running && Stopwatch.GetElapsedTime(lastLine) > s_lineInterval)
            {
                lastLine = Stopwatch.GetTimestamp();
                Console.Error.WriteLine(Describe(status) + Pace(first, status, Stopwatch.GetElapsedTime(start)));
            }
        }
        Console.WriteLine(Describe(status));
        if (status.Failed > 0)
            Console.Error.WriteLine($"  The reasons: grep -h '\"failed\"' {job}/results/*");
        return status is { Phase: RefineJobPhase.Finished, Failed: 0 } ? ExitCode.Success : ExitCode.Failed;
    }

    public static string Describe(RefineJobStatus status)
    {
        string text = $"{status.Phase}: {status.Finished} of {status.Items} masks, {status.Done} refined";
        if (status.Skipped > 0)
            text += $", {status.Skipped} were done before";
        if (status.Failed > 0)
            text += $", {status.Failed} failed";
        if (status.Phase == RefineJobPhase.Running)
            text += $"; silos: {status.Silos.Count}";
        return status.Problem is null ? text : $"{text}; problem: {status.Problem}";
    }

    private static string Pace(RefineJobStatus first, RefineJobStatus now, TimeSpan time)
    {
        double rate = (now.Finished - first.Finished) / Math.Max(1e-3, time.TotalSeconds);
        if (rate <= 0)
            return "";
        TimeSpan left = TimeSpan.FromSeconds((now.Items - now.Finished) / rate);
        return string.Create(CultureInfo.InvariantCulture, $"; {rate:F1} per second, {(int)left.TotalHours}:{left:mm\\:ss} left");
    }
}
