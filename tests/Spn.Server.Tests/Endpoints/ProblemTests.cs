using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Spn.Server.Tests.Endpoints;

/// <summary>Requests that cannot be answered: each gets a status, and a sentence in terms of the request.</summary>
public sealed class ProblemTests : IAsyncLifetime
{
    private static readonly byte[] s_photo = Scene.Photo(), s_mask = Scene.Mask(), s_labels = Scene.Labels();

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(options =>
    {
        options.MaxPixels = 20_000;
        options.MaxRequestBytes = 100_000;
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, int, string> Problems => new()
    {
        { "refine image", 400, "The field 'mask' is missing." },
        { "refine mask", 400, "The field 'image' is missing." },
        { "refine image=text mask", 400, "The field 'image' is text; expected a file." },
        { "refine image mask model=file", 400, "The field 'model' is a file; expected text." },
        { "refine image mask image", 400, "The field 'image' is there more than once." },
        { "refine image mask hard=true hard=true", 400, "The field 'hard' is there more than once." },
        { "refine?hard=true image mask hard=true", 400, "The field 'hard' is there more than once." },
        { "refine image mask model=best", 400, "The field 'model': expected fast or quality, got 'best'." },
        {
            "refine?fit=crop image mask", 400,
            "The field 'fit': expected proportional, stretch, letterbox or letterbox-top-left, got 'crop'."
        },
        {
            "refine image mask nodel=fast", 400,
            "There is no field 'nodel' here. Expected image, mask, model, hard, limit, fit and values."
        },
        { "labels image labels hard=true", 400, "There is no field 'hard' here. Expected image, labels, model and limit." },
        { "affinity image x=1", 400, "The field 'y' is missing." },
        { "affinity image x=1 y=1.5", 400, "The field 'y': expected a whole number, got '1.5'." },
        { "affinity image x=96 y=0", 422, "x is 96; expected a pixel of the image, 0..95." },
        { "refine image mask=empty", 400, "The field 'mask' is empty; expected an image file." },
        {
            "refine image=noise mask", 415,
            "The field 'image' is not an image that can be read, or its header is incomplete; expected PNG, JPEG, WebP, GIF or BMP."
        },
        { "refine image mask=wbmp", 415, "The field 'mask' is not an image that can be read" },
        { "refine image=truncated mask", 422, "The field 'image' is truncated or damaged" },
        { "refine image=large mask", 422, "The field 'image' has 300 x 100 pixels; expected at most 20,000 in total." },
        { "refine image mask=large", 422, "The field 'mask' has 300 x 100 pixels; expected at most 20,000 in total." },
        { "refine image mask=square", 422, "For a mask of a stretched or padded image add fit=stretch or fit=letterbox." },
        {
            "refine image mask=faint", 422,
            "Label maps belong to /labels; for a mask that is nearly empty add values=probabilities."
        },
        { "labels image labels=square", 422, "The field 'labels'" },
        { "labels image labels=photo", 422, "The field 'labels'" },
        {
            "labels image labels=many", 422,
            "The field 'labels' has 8 labels for an image of 6,144 pixels; expected at most 40,000 in all labels."
        },
    };

    [Theory, MemberData(nameof(Problems))]
    public async Task A_wrong_request_is_explained(string request, int status, string detail)
    {
        string[] words = request.Split(' ');
        using HttpResponseMessage response = await _server.PostAsync(words[0], [.. words[1..].Select(Part)]);
        string text = await Detail(response, status);
        Assert.Contains(detail, text, StringComparison.Ordinal);
        // Nothing of the program.
        Assert.DoesNotMatch(@"Mask[A-Z]|Label[A-Z]|Parameter|coarse[A-Z]|byte array|\bWith[A-Z]|   at ", text);
    }

    [Fact]
    public async Task Other_content_types_are_refused()
    {
        using StringContent json = new("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _server.Client.PostAsync("refine", json);
        Assert.Equal(
            "Expected multipart/form-data, got 'application/json; charset=utf-8'.", await Detail(response, 415));
        using ByteArrayContent similar = new([1]) { Headers = { ContentType = new("multipart/form-database") } };
        using HttpResponseMessage unknown = await _server.Client.PostAsync("refine", similar);
        Assert.Equal("Expected multipart/form-data, got 'multipart/form-database'.", await Detail(unknown, 415));
        using HttpResponseMessage none = await _server.Client.PostAsync("refine", null);
        Assert.Equal("Expected multipart/form-data, got a request without a content type.", await Detail(none, 415));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_is_too_large_is_refused(bool isChunked)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "refine")
        {
            Content = RunningServer.Form(("image", new byte[100_001]), ("mask", s_mask)),
        };
        request.Headers.TransferEncodingChunked = isChunked;
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        Assert.Equal("The request is too large; expected at most 100,000 bytes.", await Detail(response, 413));
    }

    [Theory]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=b", "no boundary here")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"x\"\r\n\r\nhalf")]
    public async Task A_damaged_form_is_refused(string type, string body)
    {
        using ByteArrayContent content = new(Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using HttpResponseMessage response = await _server.Client.PostAsync("refine", content);
        Assert.StartsWith("The request is not valid multipart/form-data", await Detail(response, 400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_goes_on_after_all_of_them()
    {
        using HttpResponseMessage response = await _server.PostAsync("refine", ("image", s_photo), ("mask", s_mask));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Limits_that_no_server_can_have_stop_it_at_its_start()
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(async () => await RunningServer.StartAsync(options =>
        {
            options.MaxRequestBytes = 0;
            options.MaxPixels = 500_000_001;
            options.MaxCalls = 0;
            options.MaxWaitingCalls = -1;
            options.Timeout = TimeSpan.Zero;
            options.MaxBufferedBytes = -1;
            options.Models.Add("a model", SpnModel.Fast);
        }));
        string[] settings = ["MaxRequestBytes", "MaxPixels", "MaxCalls", "MaxWaitingCalls", "Timeout", "MaxBufferedBytes", "Models"];
        Assert.All(settings, setting => Assert.Contains($"{setting} is '", refused.Message, StringComparison.Ordinal));
    }

    private static (string Name, object Content) Part(string word)
    {
        string[] pair = word.Split('=');
        return (pair[0], pair is [_, { } value] ? Content(pair[0], value) : pair[0] switch
        {
            "image" => s_photo,
            "mask" => s_mask,
            _ => s_labels,
        });
    }

    private static object Content(string name, string value) => (name, value) switch
    {
        (_, "empty") => Array.Empty<byte>(),
        (_, "noise") => Encoding.ASCII.GetBytes("this is no image"),
        (_, "wbmp") => (byte[])[0, 0, 96, 64, .. new byte[96 / 8 * 64]],
        (_, "many") => Pictures.GreyPng(96, 64, (x, _) => (byte)(x / 12)),
        (_, "truncated") => s_photo[..(s_photo.Length / 2)],
        (_, "large") => Pictures.ColourPng(300, 100),
        (_, "square") => Scene.Mask(64, 64),
        (_, "faint") => Scene.Mask(value: 20),
        (_, "photo") => s_photo,
        (_, "file") => s_mask,
        _ => value,
    };

    private static async Task<string> Detail(HttpResponseMessage response, int status)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        JsonElement problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        return problem.GetProperty("detail").GetString()!;
    }
}
