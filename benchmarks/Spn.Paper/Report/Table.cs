using System.Globalization;
using System.Text;

namespace Spn.Paper.Report;

/// <summary>A table of figures in percent beside the slides' figures, as Markdown.</summary>
/// <param name="columns">The names of the columns.</param>
internal sealed class Table(IReadOnlyList<string> columns)
{
    private readonly StringBuilder _text = new(
        $"| system | {string.Join(" | ", columns)} |\n|---|{string.Concat(columns.Select(_ => "---|"))}\n");

    /// <summary>A row of measured figures, each with its standard error.</summary>
    public void Add(string system, IEnumerable<(double Value, double Error)> figures)
        => Add(system, figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0} ± {figure.Error:0.0}")));

    /// <summary>A row of the slides.</summary>
    public void AddSlides(string system, params IEnumerable<double> figures)
        => Add($"*slides: {system}*", figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"*{figure:0.0}*")));

    /// <summary>A row of texts.</summary>
    public void Add(string system, IEnumerable<string> cells)
        => _text.Append("| ").Append(system).Append(" | ").Append(string.Join(" | ", cells)).Append(" |\n");

    public override string ToString() => _text.ToString();
}
