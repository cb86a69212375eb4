using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Spn.Server.Metrics;

/// <summary>Prometheus' text format (version 0.0.4), with OpenTelemetry's rules for names.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Labels as they stand between braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> labels = [];
        foreach ((string name, object? value) in tags)
            labels.Add($"{Plain(name)}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")}\"");
        return string.Join(',', labels);
    }

    public static string Write(Instruments instruments)
    {
        StringBuilder text = new();
        foreach ((Instrument instrument, KeyValuePair<string, Series>[] series) in instruments.All())
        {
            bool isHistogram = instrument is Histogram<double>, isCounter = instrument is Counter<long> or Counter<double>;
            string name = Plain(instrument.Name) + Unit(instrument.Unit) + (isCounter ? "_total" : "");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(isHistogram ? "histogram" : isCounter ? "counter" : "gauge")}\n");
            foreach ((string labels, Series values) in series)
                Write(text, name, labels, values);
        }
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, string labels, Series series)
    {
        (double sum, (double Bound, long Count)[] buckets) = series.Read();
        if (buckets.Length == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {sum}\n");
            return;
        }
        string separator = labels.Length == 0 ? "" : ",";
        foreach ((double bound, long count) in buckets)
        {
            string le = double.IsPositiveInfinity(bound) ? "+Inf" : bound.ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{separator}le=\"{le}\"}} {count}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{labels}}} {sum}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{{{labels}}} {buckets[^1].Count}\n");
    }

    // Units in braces are no units, such as {call}.
    private static string Unit(string? unit) => unit switch
    {
        "s" => "_seconds",
        null or "" or ['{', ..] => "",
        _ => $"_{Plain(unit)}",
    };

    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
