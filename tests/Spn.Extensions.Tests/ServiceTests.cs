using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Spn.Extensions.DependencyInjection;
using Xunit;

namespace Spn.Extensions.Tests;

public sealed class ServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_refiner_is_a_singleton_that_the_container_disposes()
    {
        ServiceProvider provider = new ServiceCollection().AddSpnRefiner().BuildServiceProvider();
        Refiner refiner = provider.GetRequiredService<Refiner>();
        Assert.Same(refiner, provider.GetRequiredService<Refiner>());
        Assert.Equal(Inputs.Width, refiner.Refine(Inputs.Image, Inputs.Mask).Width);
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => refiner.Refine(Inputs.Image, Inputs.Mask));
    }

    [Fact]
    public void Refiners_with_keys_have_their_own_options()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSpnRefiner()
            .AddKeyedSpnRefiner("plain")
            .AddKeyedSpnRefiner("hard", options => options.HardThreshold = 0.5f)
            .BuildServiceProvider();
        Refiner hard = provider.GetRequiredKeyedService<Refiner>("hard"), plain = provider.GetRequiredKeyedService<Refiner>("plain");
        Assert.NotSame(plain, provider.GetRequiredService<Refiner>());
        Assert.All(hard.Refine(Inputs.Image, Inputs.Mask).Pixels.ToArray(), value => Assert.True(value is 0 or 1));
        Assert.Contains(plain.Refine(Inputs.Image, Inputs.Mask).Pixels.ToArray(), value => value is > 0 and < 1);
        Assert.Equal(
            provider.GetRequiredService<Refiner>().Refine(Inputs.Image, Inputs.Mask).Pixels, plain.Refine(Inputs.Image, Inputs.Mask).Pixels);
    }

    [Fact]
    public void Every_option_is_bound_from_the_configuration()
    {
        IConfiguration section = Section(
            ("Model", "Quality"), ("Device", "Cpu"), ("MaxThreads", "1"), ("MaxConcurrentCalls", "3"), ("PixelLimit", "2000"),
            ("HardThreshold", "0.4"), ("ChangeLimit", "0.1"), ("MinSpeckArea", "5"), ("Fallback", "true"), ("TileSide", "512"), ("CoarsePass", "false"));
        using ServiceProvider provider = new ServiceCollection()
            .AddSpnRefiner(section).AddKeyedSpnRefiner("other", section).BuildServiceProvider();
        IOptionsMonitor<SpnRefinerOptions> monitor = provider.GetRequiredService<IOptionsMonitor<SpnRefinerOptions>>();
        foreach (SpnRefinerOptions options in new[] { monitor.CurrentValue, monitor.Get("other") })
        {
            Assert.Equal(
                ("Quality", RefinerDevice.Cpu, 1, 3), (options.Model, options.Device, options.MaxThreads, options.MaxConcurrentCalls));
            Assert.Equal((2000, 0.4f, 0.1, 5), (options.PixelLimit, options.HardThreshold, options.ChangeLimit, options.MinSpeckArea));
            Assert.Equal((512, false), (options.TileSide, options.CoarsePass));
        }
        Refiner refiner = provider.GetRequiredService<Refiner>();
        Mask expected = SpnRefiner.Configure().OnCpu().WithModel(SpnModel.Quality).WithHardOutput(0.4f).WithChangeLimit(0.1)
            .WithSpecksRemoved(5).WithFallback().WithTiles(512).WithoutCoarsePass().Build().Refine(Inputs.Image, Inputs.Mask);
        Assert.Equal(expected.Pixels, refiner.Refine(Inputs.Image, Inputs.Mask).Pixels);
        Assert.Throws<InvalidDataException>(
            () => refiner.Refine(ImageInput.FromPixels(new byte[50 * 50], 50, 50, PixelFormat.Gray8), Inputs.Mask));
    }

    [Fact]
    public async Task Wrong_options_stop_the_host_at_its_start_and_name_every_setting()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKeyedSpnRefiner("photos", Section(
            ("Model", "missing.safetensors"), ("Device", "7"), ("MaxThreads", "0"), ("MaxConcurrentCalls", "-1"), ("PixelLimit", "0"),
            ("HardThreshold", "1.5"), ("ChangeLimit", "NaN"), ("MinSpeckArea", "0"), ("TileSide", "255")));
        using IHost host = builder.Build();
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        string[] settings = ["Model", "Device", "MaxThreads", "MaxConcurrentCalls", "PixelLimit", "HardThreshold", "ChangeLimit",
            "MinSpeckArea", "TileSide"];
        Assert.Equal(settings, refused.Failures.Select(failure => failure.Split(' ')[3]));
        Assert.Contains("Spn refiner 'photos': MaxThreads is '0'; expected 1 or more.", refused.Failures);
        Assert.Equal("photos", refused.OptionsName);
    }

    [Fact]
    public async Task Right_options_start_the_host()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSpnRefiner(options => options.Device = RefinerDevice.Cpu);
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal(RefinerDevice.Cpu, host.Services.GetRequiredService<Refiner>().Device);
        await host.StopAsync();
    }

    [Fact]
    public void What_is_built_is_logged()
    {
        using ServiceProvider provider = new ServiceCollection().AddFakeLogging()
            .AddKeyedSpnRefiner("photos", options => options.Device = RefinerDevice.Cpu).BuildServiceProvider();
        provider.GetRequiredKeyedService<Refiner>("photos");
        FakeLogRecord record = Assert.Single(provider.GetFakeLogCollector().GetSnapshot());
        Assert.Equal(("Spn", LogLevel.Information, 1), (record.Category, record.Level, record.Id.Id));
        Assert.StartsWith("The refiner 'photos' runs the model Fast on Cpu. It was built in ", record.Message, StringComparison.Ordinal);
        Assert.Equal("Fast", record.GetStructuredStateValue("Model"));
    }

    [Fact]
    public void What_cannot_be_built_is_logged_and_thrown()
    {
        string path = _folder.File("damaged.safetensors", [1, 2, 3]);
        using ServiceProvider provider = new ServiceCollection().AddFakeLogging()
            .AddSpnRefiner(options => options.Model = path).BuildServiceProvider();
        Exception thrown = Assert.Throws<InvalidDataException>(() => provider.GetRequiredService<Refiner>());
        FakeLogRecord record = Assert.Single(provider.GetFakeLogCollector().GetSnapshot());
        Assert.Equal((LogLevel.Error, 2, thrown), (record.Level, record.Id.Id, record.Exception));
        Assert.Equal($"The refiner 'default' with the model {path} cannot be built.", record.Message);
    }

    [Fact]
    public void Nothing_is_needed_besides_the_container()
    {
        IServiceCollection services = new ServiceCollection();
        Assert.Throws<ArgumentNullException>("services", () => ((IServiceCollection)null!).AddSpnRefiner());
        Assert.Throws<ArgumentNullException>("configure", () => services.AddSpnRefiner((Action<SpnRefinerOptions>)null!));
        Assert.Throws<ArgumentNullException>("section", () => services.AddSpnRefiner((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>("section", () => services.AddKeyedSpnRefiner("key", (IConfiguration)null!));
        Assert.Throws<ArgumentException>("key", () => services.AddKeyedSpnRefiner(""));
        Assert.Empty(services);
    }

    private static IConfiguration Section(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>($"Spn:{value.Key}", value.Value)))
        .Build().GetSection("Spn");
}
