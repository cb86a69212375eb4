using Spn.Paper;
using Spn.Paper.Experiments;
using TorchSharp;

Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Arguments.Usage}");
    return 2;
}

try
{
    Directory.CreateDirectory(arguments.Out);
    torch.set_num_threads(Environment.ProcessorCount);
    foreach (string experiment in arguments.Experiments)
    {
        torch.manual_seed(arguments.Seed);
        string table = experiment switch
        {
            "faces" => new FaceExperiment(arguments).Run(),
            "objects" => new ObjectExperiment(arguments).Run(),
            "streets" => new StreetExperiment(arguments).Run(),
            _ => RuntimeExperiment.Run(),
        };
        string path = Path.Combine(arguments.Out, $"paper-{experiment}.md");
        File.WriteAllText(path, FormattableString.Invariant($"{table}\n{DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}.\n"));
        Console.WriteLine($"{table}\n{path}");
    }
    return 0;
}
catch (Exception refusal) when (refusal is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 1;
}
