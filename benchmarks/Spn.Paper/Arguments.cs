using Spn.Evaluation;
using Spn.Paper.Training;

namespace Spn.Paper;

/// <summary>The arguments of a run.</summary>
/// <param name="Experiments">The experiments to run, in order.</param>
/// <param name="Data">The folder with <c>faces</c>, <c>voc</c> and <c>camvid</c>.</param>
/// <param name="Out">The folder for checkpoints, tables and pictures.</param>
/// <param name="Budget">How long each training lasts.</param>
/// <param name="Seed">The seed of weights and samples.</param>
/// <param name="Every">Uses every n-th test image.</param>
/// <param name="Model">A model file to test on the objects, or <see langword="null"/> for none.</param>
internal sealed record Arguments(
    IReadOnlyList<string> Experiments, string Data, string Out, Budget Budget, int Seed, int Every, string? Model)
{
    public const string Usage =
        """
        Trains and tests the systems of the paper and writes tables beside the slides' figures.

        dotnet run --project benchmarks/Spn.Paper -c Release -- EXPERIMENT --data FOLDER [options]

          EXPERIMENT    all, faces, objects, streets or runtime
          --data FOLDER the folder with faces, voc and camvid; runtime does not need one
          --out FOLDER  checkpoints, tables and pictures, default paper; a stopped run goes on from there
          --minutes N   the time for a base network, default 60; some other trainings take half of it
          --steps N     a number of steps in place of a time, so that the run can be repeated exactly
          --seed N      default 1
          --every N     uses every n-th test image, default 1
          --model FILE  a model file that is tested on the objects, too
        """;

    private const double DefaultMinutes = 60;

    public static readonly IReadOnlyList<string> All = ["faces", "objects", "streets", "runtime"];

    /// <exception cref="ArgumentException">An argument is wrong.</exception>
    public static Arguments Parse(string[] arguments)
    {
        var options = new OptionReader(arguments);
        string? experiment = null, data = null, model = null, folder = "paper";
        var budget = new Budget(DefaultMinutes);
        int seed = 1, every = 1;
        while (options.Next())
        {
            switch (options.Name)
            {
                case null when experiment is null: experiment = options.OneOf(["all", .. All]); break;
                case "--data": data = options.Value; break;
                case "--out": folder = options.Value; break;
                case "--minutes": budget = new Budget(options.Count()); break;
                case "--steps": budget = budget with { Steps = options.Count() }; break;
                case "--seed": seed = options.Count(); break;
                case "--every": every = options.Count(); break;
                case "--model": model = options.Model(); break;
                default: throw options.Name is null ? new ArgumentException($"Unexpected argument {options.Value}.") : options.Unknown();
            }
        }
        if (experiment is null)
            throw new ArgumentException("No experiment was given.");
        if (experiment != "runtime")
            OptionReader.RequireFolder(data);
        return new Arguments(experiment == "all" ? All : [experiment], data ?? "", folder, budget, seed, every, model);
    }
}
