using System.Net;

namespace Spn.Cli.Serving;

/// <summary>Where the server listens, its limits and its models.</summary>
/// <param name="Address">An address of this machine; <see langword="null"/> for localhost.</param>
/// <param name="Port">The port; 0 for a free one.</param>
/// <param name="MaxRequestBytes">The maximum size of a request.</param>
/// <param name="MaxBufferedBytes">The maximum size of all uploads in progress and unread answers.</param>
/// <param name="MaxPixels">The maximum number of pixels of an image.</param>
/// <param name="Timeout">How long a call may take.</param>
/// <param name="MaxCalls">How many calls run at a time.</param>
/// <param name="MaxWaitingCalls">How many wait.</param>
/// <param name="Models">The models by name; the first is the default.</param>
internal sealed record ServeSettings(
    IPAddress? Address, int Port, long MaxRequestBytes, long MaxBufferedBytes, long MaxPixels, TimeSpan Timeout, int MaxCalls,
    int MaxWaitingCalls, IReadOnlyList<(string Name, SpnModel Model)> Models);
