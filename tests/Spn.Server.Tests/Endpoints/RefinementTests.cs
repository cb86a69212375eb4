using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SkiaSharp;
using Xunit;

namespace Spn.Server.Tests.Endpoints;

/// <summary>What the endpoints return is what the library returns.</summary>
public sealed class RefinementTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", false, "fast", false, false)]
    [InlineData("?model=quality", false, "quality", false, false)]
    [InlineData("?hard=true", true, "fast", true, false)]
    [InlineData("?limit=true", true, "fast", false, true)]
    public async Task A_mask_is_that_of_the_library(string query, bool isForm, string model, bool isHard, bool isLimited)
    {
        (string, object)[] options = isForm ? [(query[1..query.IndexOf('=', StringComparison.Ordinal)], "true")] : [];
        using HttpResponseMessage response = await _server.PostAsync(
            $"refine{(isForm ? "" : query)}", [("image", Scene.Photo()), ("mask", Scene.Mask()), .. options]);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("refine;dur=", response.Headers.GetValues("Server-Timing").Single(), StringComparison.Ordinal);

        RefinerBuilder builder = SpnRefiner.Configure().WithModel(model == "quality" ? SpnModel.Quality : SpnModel.Fast);
        if (isHard)
            builder.WithHardOutput();
        if (isLimited)
            builder.WithChangeLimit();
        using Refiner refiner = builder.Build();
        Assert.Equal(
            Scene.Encode(refiner.Refine(Scene.Photo(), Scene.Mask()).Save), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Fit_and_values_are_read()
    {
        byte[] square = Scene.Mask(64, 64), faint = Scene.Mask(value: 20);
        using HttpResponseMessage fit = await _server.PostAsync("refine", ("image", Scene.Photo()), ("mask", square), ("fit", "stretch"));
        MaskInput stretched = MaskInput.From(square).With(new MaskOptions { Fit = MaskFit.Stretch });
        Assert.Equal(Scene.Encode(SpnRefiner.Refine(Scene.Photo(), stretched).Save), await fit.Content.ReadAsByteArrayAsync());

        using HttpResponseMessage values = await _server.PostAsync(
            "refine", ("image", Scene.Photo()), ("mask", faint), ("values", "probabilities"));
        MaskInput probabilities = MaskInput.From(faint).With(new MaskOptions { Values = MaskValues.Probabilities });
        Assert.Equal(Scene.Encode(SpnRefiner.Refine(Scene.Photo(), probabilities).Save), await values.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("refine", "mask")]
    [InlineData("labels", "labels")]
    public async Task JSON_has_a_report_and_the_same_picture(string path, string field)
    {
        (string, object)[] parts = [("image", Scene.Photo()), (field, field == "mask" ? Scene.Mask() : Scene.Labels())];
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = RunningServer.Form(parts) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        JsonElement report = JsonDocument.Parse(await response.Content.ReadAsStreamAsync()).RootElement;
        Assert.Equal((96, 64, "fast"), (Int(report, "width"), Int(report, "height"), report.GetProperty("model").GetString()));
        Assert.InRange(report.GetProperty("changedShare").GetDouble(), 0.001, 0.5);
        Assert.True(report.GetProperty("milliseconds").GetProperty("total").GetDouble() > 0);
        using HttpResponseMessage picture = await _server.PostAsync(path, parts);
        Assert.Equal(await picture.Content.ReadAsByteArrayAsync(), report.GetProperty("png").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_cut_out_is_that_of_the_library()
    {
        using HttpResponseMessage response = await _server.PostAsync("cutout", ("image", Scene.Photo()), ("mask", Scene.Mask()));
        Assert.Equal(
            Scene.Encode(SpnRefiner.CutOut(Scene.Photo(), Scene.Mask()).Save), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Labels_keep_their_palette()
    {
        using HttpResponseMessage response = await _server.PostAsync("labels", ("image", Scene.Photo()), ("labels", Scene.Labels()));
        byte[] png = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(Scene.Encode(SpnRefiner.Refine(Scene.Photo(), LabelMap.Load(Scene.Labels())).Save), png);
        Assert.Equal(LabelMap.Load(Scene.Labels()).Palette![3], LabelMap.Load(png).Palette![3]);
    }

    [Fact]
    public async Task Affinity_is_that_of_the_library()
    {
        using HttpResponseMessage response = await _server.PostAsync("affinity?x=48&y=33", ("image", Scene.Photo()));
        using Refiner refiner = SpnRefiner.Configure().Build();
        Assert.Equal(Scene.Encode(refiner.Affinity(Scene.Photo(), 48, 33).Save), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_photo_from_a_phone_is_upright()
    {
        byte[] turned = Pictures.WithOrientation(Scene.Photo(), 6);
        using HttpResponseMessage response = await _server.PostAsync("refine", ("image", turned), ("mask", Scene.Mask(64, 96)));
        using SKBitmap mask = SKBitmap.Decode(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal((64, 96), (mask.Width, mask.Height));
    }

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
