namespace Spn.Paper.Experiments;
internal sealed class RuntimeExperiment(Arguments arguments) { public string Run() => arguments.Data; }
