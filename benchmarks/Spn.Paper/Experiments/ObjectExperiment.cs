namespace Spn.Paper.Experiments;
internal sealed class ObjectExperiment(Arguments arguments) { public string Run() => arguments.Data; }
