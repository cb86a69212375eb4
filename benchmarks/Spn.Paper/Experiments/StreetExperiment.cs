namespace Spn.Paper.Experiments;
internal sealed class StreetExperiment(Arguments arguments) { public string Run() => arguments.Data; }
