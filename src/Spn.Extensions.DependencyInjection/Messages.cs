using Microsoft.Extensions.Logging;

namespace Spn.Extensions.DependencyInjection;

/// <summary>What is logged, in the category <c>Spn</c>.</summary>
internal static partial class Messages
{
    [LoggerMessage(
        1, LogLevel.Information, "The refiner '{Name}' runs the model {Model} on {Device}. It was built in {Milliseconds:F0} ms.")]
    public static partial void RefinerBuilt(this ILogger logger, string name, string model, RefinerDevice device, double milliseconds);

    [LoggerMessage(2, LogLevel.Error, "The refiner '{Name}' with the model {Model} cannot be built.")]
    public static partial void RefinerNotBuilt(this ILogger logger, string name, string model, Exception exception);
}
