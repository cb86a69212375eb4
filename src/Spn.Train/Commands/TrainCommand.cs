using System.CommandLine;
using Spn.Torch;
using Spn.Training;
using TorchSharp;

namespace Spn.Train.Commands;

/// <summary>The training, and the release of its result.</summary>
internal sealed class TrainCommand
{
    private readonly DataOptions _data = new();
    private readonly ModelOptions _model = new();
    private readonly ReleaseOptions _release = new();

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The trained model.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Path.Combine("artifacts", "train", "trained.safetensors"),
    };

    private readonly Option<string> _run = new("--run")
    {
        Description = "The folder for the checkpoint, the log and the loss curve.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => Path.Combine("artifacts", "train"),
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Continue from the checkpoint in the folder of --run, if there is one. The other options must be the same.",
    };

    private readonly Option<int> _steps = Number.Whole("--steps", 20_000, "The number of steps.");
    private readonly Option<int> _batch = Number.Whole("--batch", 8, "Images per step.");
    private readonly Option<int> _masks = Number.Whole("--masks", 2, "Coarse masks per image.");
    private readonly Option<int> _view = Number.Whole("--view", 160, "The height and width of a training sample in pixels.");
    private readonly Option<double> _exact = Number.Real("--exact", 0.2, "The fraction of the coarse masks that are exact, 0..1.");
    private readonly Option<double> _adversarial = Number.Real(
        "--adversarial", 0, "The fraction of the inexact coarse masks that are made harder for the model, 0..1. Steps take twice as long.");
    private readonly Option<double> _rate = Number.Real("--rate", 2e-3, "The highest learning rate.");
    private readonly Option<int> _seed = Number.Whole("--seed", 1, "The seed of all random numbers.");
    private readonly Option<int?> _threads = Number.Whole("--threads", "CPU threads. Default: one per processor core.");
    private readonly Option<string> _device = new("--device")
    {
        Description = "cpu, or cuda with a libtorch that has it.",
        HelpName = "cpu|cuda",
        DefaultValueFactory = _ => "cpu",
        CompletionSources = { "cpu", "cuda" },
    };

    private TrainCommand()
    {
    }

    public static RootCommand Create()
    {
        TrainCommand train = new();
        RootCommand command = new("Train a model that refines masks, for example: spn-train --photos FOLDER --out my.safetensors");
        train._data.AddTo(command);
        Option[] options =
        [
            train._out, train._run, train._resume, train._steps, train._batch, train._masks, train._exact, train._adversarial, train._view,
            train._rate, train._seed, train._threads, train._device,
        ];
        foreach (Option option in options)
            command.Options.Add(option);
        train._model.AddTo(command);
        train._release.AddTo(command);
        command.SetAction(train.RunAsync);
        return command;
    }

    // On another thread, so that Ctrl+C finds this one waiting.
    private Task<int> RunAsync(ParseResult line, CancellationToken cancellation) => Task.Run(
        () =>
        {
            string output = Path.GetFullPath(line.GetRequiredValue(_out));
            if (!_release.IsRelease(line))
                _data.Check(line);
            Directory.CreateDirectory(Path.GetDirectoryName(output)!); // now, so that a bad path fails before hours of training
            if (_release.IsRelease(line))
                _release.Write(line, output);
            else if (!Train(line, output, cancellation))
                return ExitCode.Interrupted;
            Console.WriteLine($"Wrote {output}.");
            return ExitCode.Success;
        }, CancellationToken.None);

    private bool Train(ParseResult line, string output, CancellationToken cancellation)
    {
        int seed = line.GetValue(_seed), steps = line.GetValue(_steps);
        torch.manual_seed(seed);
        using SpnModule model = _model.Start(line);
        (ILabeledImages images, ILabeledImages? validation, int photos) = _data.Open(line, (ulong)seed);
        using Trainer trainer = new(model, images, validation, new TrainingOptions
        {
            Steps = steps,
            BatchSize = line.GetValue(_batch),
            MasksPerImage = line.GetValue(_masks),
            ExactMaskShare = line.GetValue(_exact),
            RealMaskShare = _data.RealShare(line),
            AdversarialShare = line.GetValue(_adversarial),
            CropSize = line.GetValue(_view),
            LearningRate = line.GetValue(_rate),
            Threads = line.GetValue(_threads),
            Device = torch.device(line.GetRequiredValue(_device)),
            Folder = line.GetValue(_run),
            Seed = (ulong)seed,
        });
        Console.WriteLine(FormattableString.Invariant(
            $"{model.parameters().Sum(weights => weights.numel()):N0} parameters, {photos} masks, {steps} steps"));
        if (line.GetValue(_resume) && trainer.Resume())
            Console.WriteLine($"Resumed at step {trainer.Step}.");
        try
        {
            trainer.Run(new ProgressLines(), cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"spn-train: Stopped at step {trainer.Step}. Run the same command with --resume to go on.");
            return false;
        }
        trainer.Averaged.Save(output);
        return true;
    }
}
