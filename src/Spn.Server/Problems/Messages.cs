using Microsoft.Extensions.Logging;

namespace Spn.Server.Problems;

internal static partial class Messages
{
    [LoggerMessage(1, LogLevel.Error, "A request to {Path} failed.")]
    public static partial void Failed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "A request was refused because there is too little memory.")]
    public static partial void TooLittleMemory(this ILogger logger, Exception exception);
}
