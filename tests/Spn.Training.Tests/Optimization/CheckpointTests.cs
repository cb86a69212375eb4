using Spn.Models;
using Spn.Torch;
using Spn.Training.Optimization;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests.Optimization;

public sealed class CheckpointTests : IDisposable
{
    private static readonly Dictionary<string, string> s_about = new() { ["spn.model"] = "small", ["spn.training.option.Seed"] = "1" };

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, torch.Tensor> _state = new() { ["weights"] = torch.arange(5).to(torch.float32), ["mean"] = torch.ones(2, 3) };
    private readonly string _path;

    public CheckpointTests() => _path = _folder.File("checkpoint.safetensors");

    public void Dispose()
    {
        foreach (torch.Tensor tensor in _state.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(123, 0.1f, 7)]
    [InlineData(5, float.NaN, 1)]
    public void What_was_saved_comes_back(int step, float loss, int lossSteps)
    {
        TrainingPosition position = new(step, loss, lossSteps);
        Checkpoint.Save(_path, _state, position, s_about);
        _state["weights"].zero_();
        Assert.Equal(position, Checkpoint.Load(_path, _state, s_about));
        Assert.Equal([0f, 1, 2, 3, 4], _state["weights"].data<float>().ToArray());
    }

    [Fact]
    public void A_broken_file_is_refused_and_nothing_is_changed()
    {
        Checkpoint.Save(_path, _state, new TrainingPosition(3), s_about);
        byte[] whole = File.ReadAllBytes(_path);
        _state["weights"].zero_();
        foreach (int length in new[] { 0, 5, 40, whole.Length - 1 })
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.Contains(_path, Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_path, _state, s_about)).Message);
        }
        File.WriteAllText(_path, "no checkpoint at all");
        Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_path, _state, s_about));
        Assert.Equal(new float[5], _state["weights"].data<float>().ToArray());
    }

    [Fact]
    public void A_file_of_another_kind_is_rejected()
    {
        // A model is no checkpoint.
        using var model = Seeded.Model(SpnConfiguration.Fast);
        model.Save(_path);
        Refused("spn.training.step");

        foreach (string step in new[] { "", "-1", "1.5", "many", "99999999999" })
        {
            SafetensorsWriter.Write(_path, _state, new Dictionary<string, string>(s_about) { ["spn.training.step"] = step });
            Refused("spn.training.step");
        }

        Checkpoint.Save(_path, _state, new TrainingPosition(3), new Dictionary<string, string>(s_about) { ["spn.training.option.Seed"] = "99" });
        Refused("spn.training.option.Seed is '99', expected '1'");

        using torch.Tensor wide = torch.ones(3, 2), precise = torch.ones([2, 3], torch.float64);
        foreach (torch.Tensor mean in new[] { wide, precise })
        {
            Checkpoint.Save(_path, new Dictionary<string, torch.Tensor>(_state) { ["mean"] = mean }, new TrainingPosition(3), s_about);
            Refused("'mean'");
        }
        Checkpoint.Save(_path, new Dictionary<string, torch.Tensor> { ["mean"] = _state["mean"] }, new TrainingPosition(3), s_about);
        Refused("'weights'");

        void Refused(string what)
            => Assert.Contains(what, Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_path, _state, s_about)).Message);
    }
}
