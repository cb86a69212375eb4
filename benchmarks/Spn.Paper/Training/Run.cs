using System.Diagnostics;
using Spn.Torch;
using Spn.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Training;

/// <summary>
/// Trains one module with AdamW and a cosine schedule. A run that was stopped goes on from its checkpoint, and a finished one is loaded.
/// </summary>
/// <param name="folder">The folder of the checkpoints.</param>
/// <param name="budget">How long to train.</param>
/// <param name="seed">The seed of weights and samples.</param>
internal sealed class Run(string folder, Budget budget, int seed)
{
    private const double WeightDecay = 1e-4, MaxGradientNorm = 5, SecondsBetweenCheckpoints = 60, WarmUp = 0.03;
    private const int LogInterval = 25;

    /// <summary>Trains a module, or loads it if it has been trained. It is then in evaluation mode.</summary>
    /// <param name="name">The name of the training.</param>
    /// <param name="module">The module.</param>
    /// <param name="rate">The highest learning rate.</param>
    /// <param name="loss">The loss of a step, for a source of random numbers that is the step's own.</param>
    /// <param name="share">The share of the budget that this training may use.</param>
    /// <returns>How it went.</returns>
    public RunResult Train(string name, nn.Module module, double rate, Func<Random, Tensor> loss, double share = 1)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name + ".checkpoint.safetensors");
        Budget own = new(budget.Minutes * share, budget.Steps is int steps ? Math.Max(1, (int)(steps * share)) : null);
        TorchSharp.Modules.Parameter[] parameters = [.. module.parameters()];
        var weights = new FlatTensors(parameters);
        using Tensor none = zeros(1); // a module without buffers has no statistics
        var statistics = new FlatTensors([none, .. module.buffers().Where(buffer => buffer.is_floating_point())]);
        using var optimizer = new AdamW(weights.Gather(), weights.Select(p => p.dim() > 1), WeightDecay, MaxGradientNorm);
        using Tensor elapsed = zeros(1), buffers = statistics.Gather();
        Dictionary<string, Tensor> state = new()
        {
            ["weights"] = optimizer.Weights, ["mean"] = optimizer.Mean, ["square"] = optimizer.Square,
            ["statistics"] = buffers, ["elapsed"] = elapsed,
        };
        Dictionary<string, string> about = new() { ["training"] = name, ["seed"] = $"{seed}" };
        int step = 0;
        if (File.Exists(path))
        {
            step = Checkpoint.Load(path, state, about).Step;
            weights.Scatter(optimizer.Weights);
            statistics.Scatter(buffers);
        }

        int savedStep = step, summed = 0;
        double before = elapsed.item<float>(), saved = before, sum = 0;
        var watch = Stopwatch.StartNew();
        module.train();
        while (own.Share(step, Seconds()) < 1)
        {
            double done = own.Share(step, Seconds());
            double now = rate * Math.Min(1, (done + 1e-3) / WarmUp) * (0.51 + 0.49 * Math.Cos(Math.PI * done));
            sum += Step(now);
            step++;
            summed++;
            if (step % LogInterval == 0)
            {
                double last = sum / summed;
                (sum, summed) = (0, 0);
                if (!double.IsFinite(last))
                    throw new InvalidOperationException($"The loss of {name} is {last} after {step} steps.");
                Console.Error.WriteLine(FormattableString.Invariant($"{name}: step {step}, {Seconds():0} s, loss {last:0.0000}"));
            }
            if (Seconds() - saved > SecondsBetweenCheckpoints)
                Save();
        }
        if (step > savedStep)
            Save();
        module.eval();
        return new RunResult(step, elapsed.item<float>());

        double Seconds() => before + watch.Elapsed.TotalSeconds;

        double Step(double now)
        {
            using DisposeScope scope = NewDisposeScope();
            module.zero_grad();
            Tensor value = loss(new Random(HashOf(step)));
            value.backward();
            Tensor gradient = FlatTensors.Gather(parameters.Select(p => p.grad ?? zeros_like(p)));
            optimizer.Step(gradient, step, now);
            weights.Scatter(optimizer.Weights);
            return value.item<float>();
        }

        void Save()
        {
            (saved, savedStep) = (Seconds(), step);
            using Tensor time = tensor((float)saved), current = statistics.Gather();
            elapsed.copy_(time);
            buffers.copy_(current);
            Checkpoint.Save(path, state, new TrainingPosition(step), about);
        }
    }

    // HashCode.Combine differs from process to process.
    private int HashOf(int step) => unchecked((seed * 486187739 + step) * 486187739);
}

/// <summary>A finished training.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="Seconds">The time that they took.</param>
internal readonly record struct RunResult(int Steps, double Seconds)
{
    public override string ToString() => FormattableString.Invariant($"{Steps} steps in {Seconds / 60:0.0} minutes");
}
