using System.CommandLine;
using Spn.Cli.Commands;

namespace Spn.Train.Commands;

/// <summary>Options that are numbers.</summary>
internal static class Number
{
    public static Option<int> Whole(string name, int otherwise, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = Check.WholeNumber(name),
    };

    /// <summary>An option whose default depends on something else.</summary>
    public static Option<int?> Whole(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Check.WholeNumber(name)(result),
    };

    public static Option<double> Real(string name, double otherwise, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => otherwise,
        CustomParser = Check.Number(name),
    };
}
