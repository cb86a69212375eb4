using System.Diagnostics;
using Spn.Torch;
using Spn.Training.Optimization;
using Spn.Training.Progress;
using Spn.Training.Samples;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Spn.Training;

/// <summary>
/// Trains a model to refine masks: labelled images → random views with coarse masks → model → loss → AdamW, with a running average of the
/// weights. Training stops and resumes exactly, because the samples of a step depend only on the step's number.
/// </summary>
/// <remarks>Not thread-safe. One trainer trains one model, once.</remarks>
public sealed class Trainer : IDisposable
{
    private readonly SpnModule _model, _averaged;
    private readonly TrainingOptions _options;
    private readonly BatchMaker _batches;
    private readonly Validation? _validation;
    private readonly Parameter[] _parameters;
    private readonly FlatTensors _flat, _statistics, _averagedFlat, _averagedStatistics;
    private readonly AdamW _optimizer;
    private readonly RunningAverage _average, _averageStatistics;
    private readonly Tensor _loss; // the sum since the last report
    private int _step, _lossSteps;

    /// <summary>Prepares a training.</summary>
    /// <param name="model">The model. It is moved to the device and changed; the caller keeps ownership.</param>
    /// <param name="training">The training images.</param>
    /// <param name="validation">The validation images, or <see langword="null"/> for no validation.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentNullException">The model, the training images or the options are null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Trainer(SpnModule model, ILabeledImages training, ILabeledImages? validation, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _model = model.to(options.Device);
        _averaged = new SpnModule(model.Configuration).to(options.Device);
        _averaged.eval();
        _batches = new BatchMaker(training, options);
        _validation = validation is null ? null : new Validation(validation, options);

        _parameters = [.. model.parameters()];
        _flat = new FlatTensors(_parameters);
        _statistics = new FlatTensors(Statistics(model));
        _averagedFlat = new FlatTensors([.. _averaged.parameters()]);
        _averagedStatistics = new FlatTensors(Statistics(_averaged));
        using Tensor statistics = _statistics.Gather();
        _optimizer = new AdamW(_flat.Gather(), _flat.Select(p => p.dim() > 1), options.WeightDecay, options.MaxGradientNorm);
        _average = new RunningAverage(_optimizer.Weights, options.AverageDecay);
        _averageStatistics = new RunningAverage(statistics, options.AverageDecay);
        _loss = zeros(1, device: options.Device).DetachFromDisposeScope();
    }

    /// <summary>
    /// The model with the running average of the weights, ready for inference. The trainer owns it and updates it in <see cref="Resume"/>
    /// and <see cref="Run"/>.
    /// </summary>
    public SpnModule Averaged => _averaged;

    /// <summary>The number of completed steps.</summary>
    public int Step => _step;

    private string? CheckpointPath => _options.Folder is null ? null : Path.Combine(_options.Folder, "checkpoint.safetensors");

    /// <summary>Continues from the checkpoint in the folder. Without a checkpoint, the training starts from the beginning.</summary>
    /// <returns>Whether there was a checkpoint.</returns>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or belongs to another model or to other options.</exception>
    public bool Resume()
    {
        if (CheckpointPath is null || !File.Exists(CheckpointPath))
            return false;
        using DisposeScope scope = NewDisposeScope();
        Tensor statistics = _statistics.Gather();
        (_step, float loss, _lossSteps) = Checkpoint.Load(CheckpointPath, State(statistics), About());
        _loss.copy_(tensor(loss));
        _flat.Scatter(_optimizer.Weights);
        _statistics.Scatter(statistics);
        Average();
        return true;
    }

    /// <summary>Trains to the last step.</summary>
    /// <param name="progress">Receives a report every <see cref="TrainingOptions.LogInterval"/> steps.</param>
    /// <param name="cancellation">Stops the training after the current step and writes a checkpoint.</param>
    /// <exception cref="OperationCanceledException">The training was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer a finite number.</exception>
    public void Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (_options.Threads is int threads)
            set_num_threads(threads);
        if (_options.Folder is not null)
            Directory.CreateDirectory(_options.Folder);
        TrainingLog? log = _options.Folder is null ? null : new TrainingLog(_options.Folder, _step);
        using var loader = new BatchLoader(_batches, _step, _options.Steps, _options.BatchesAhead);
        int timed = 0;
        var watch = Stopwatch.StartNew();
        _model.train();
        while (_step < _options.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            using DisposeScope scope = NewDisposeScope();
            double rate = _options.RateAt(_step);
            Tensor norm = Train(loader.Next(), rate);
            _step++;
            _lossSteps++;
            timed++;

            bool last = _step == _options.Steps;
            if (last || _step % _options.LogInterval == 0)
            {
                double loss = _loss.item<float>() / _lossSteps;
                TimeSpan stepTime = watch.Elapsed / timed;
                RequireFinite(loss);
                ValidationResult? validation = last || _step % _options.ValidationInterval == 0 ? Validate() : null;
                var report = new TrainingProgress(
                    _step, _options.Steps, loss, rate, norm.item<float>(), stepTime, stepTime * (_options.Steps - _step), validation);
                log?.Add(report);
                progress?.Report(report);
                _loss.zero_();
                _lossSteps = timed = 0;
                watch.Restart();
            }
            if (last || _step % _options.CheckpointInterval == 0)
                Save();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _averaged.Dispose();
        _optimizer.Dispose();
        _average.Dispose();
        _averageStatistics.Dispose();
        _loss.Dispose();
    }

    private static Tensor[] Statistics(SpnModule model) => [.. model.buffers().Where(b => b.is_floating_point())];

    /// <summary>Trains one step and returns the norm of the gradient, which the caller's scope owns.</summary>
    private Tensor Train(Batch batch, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        Device device = _options.Device;
        long n = batch.Images, k = batch.Masks, s = batch.Size;
        Tensor rgb = tensor(batch.Rgb, [n, 3, s, s], device: device), truth = tensor(batch.Truth, [n, 1, s, s], device: device);
        Tensor coarse = tensor(batch.Coarse, [n, k, s, s], device: device), weights = tensor(batch.Weights, [n, k, s, s], device: device);
        if (_options.AdversarialShare > 0)
        {
            coarse = AdversarialMasks.Make(
                _model, rgb, coarse, truth, weights, _options.AdversarialShare,
                new SeededRandom(_options.Seed, (ulong)_step).Fork("adversarial"));
        }

        Tensor loss = RefinementLoss.Of(_model.forward(rgb, coarse), truth, weights);
        _model.zero_grad();
        loss.backward();
        Tensor gradient = FlatTensors.Gather(_parameters.Select(p => p.grad ?? zeros_like(p)));
        Tensor norm = _optimizer.Step(gradient, _step, rate);
        _flat.Scatter(_optimizer.Weights);
        _average.Add(_optimizer.Weights, _step);
        _averageStatistics.Add(_statistics.Gather(), _step);
        _loss.add_(loss.detach(), Scalars.One);
        return norm.MoveToOuterDisposeScope();
    }

    private void RequireFinite(double loss)
    {
        if (!double.IsFinite(loss))
            throw new InvalidOperationException($"The loss is {loss} after {_step} steps; try a smaller LearningRate.");
    }

    private ValidationResult? Validate()
    {
        if (_validation is null)
            return null;
        Average();
        return _validation.Run(_averaged);
    }

    private void Average()
    {
        _averagedFlat.Scatter(_average.Value);
        _averagedStatistics.Scatter(_averageStatistics.Value);
        _averaged.eval(); // clears what it derived from the old weights
    }

    /// <exception cref="InvalidOperationException">The weights are no longer finite. The existing checkpoint is kept.</exception>
    private void Save()
    {
        RequireFinite(_loss.item<float>());
        Average();
        if (CheckpointPath is null)
            return;
        using Tensor statistics = _statistics.Gather();
        Checkpoint.Save(CheckpointPath, State(statistics), new TrainingPosition(_step, _loss.item<float>(), _lossSteps), About());
        _averaged.Save(Path.Combine(_options.Folder!, "model.safetensors"));
    }

    /// <summary>The identity of a checkpoint: the model and the schedule.</summary>
    private Dictionary<string, string> About() => _model.Configuration.ToMetadata().Concat(_options.ToMetadata()).ToDictionary();

    private Dictionary<string, Tensor> State(Tensor statistics) => new()
    {
        ["weights"] = _optimizer.Weights,
        ["statistics"] = statistics,
        ["mean"] = _optimizer.Mean,
        ["square"] = _optimizer.Square,
        ["average"] = _average.Value,
        ["averageStatistics"] = _averageStatistics.Value,
    };
}
