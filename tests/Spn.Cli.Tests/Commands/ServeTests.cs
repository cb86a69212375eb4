using System.Net;
using Xunit;

namespace Spn.Cli.Tests.Commands;

public sealed class ServeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_serves_until_Ctrl_C()
    {
        // What stands in the folder or in variables does not change the command line's settings.
        _folder.File("appsettings.json", """{ "Urls": "http://127.0.0.1:1", "Logging": { "LogLevel": { "Default": "Trace" } } }"""u8.ToArray());
        using ServerProcess server = await ServerProcess.StartAsync(arguments => SpnProcess.Start(_folder, arguments));
        Assert.Equal(Scene.Refined(Scene.Photo(), Scene.Mask()), await server.RefineAsync());

        SpnProcess.Result second = await SpnProcess.Run(_folder, "serve", "--port", $"{server.Port}");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("address already in use", second.Errors, StringComparison.Ordinal);
        Assert.Single(second.Errors.TrimEnd().Split('\n'));

        server.Process.PressCtrlC();
        SpnProcess.Result result = await server.Process.EndAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"Serving at http://localhost:{server.Port} until Ctrl+C.", result.Text.TrimEnd());
        Assert.Equal("", result.Errors);
    }

    [Fact]
    public async Task Options_are_limits()
    {
        using ServerProcess server = await ServerProcess.StartAsync(
            arguments => SpnProcess.Start(_folder, [.. arguments, "--max-pixels", "1", "--max-upload", "1", "--host", "127.0.0.1"]));
        using MultipartFormDataContent large = new() { { new ByteArrayContent(new byte[1 << 20]), "image", "photo.jpg" } };
        using HttpResponseMessage tooLarge = await server.Client.PostAsync("refine", large, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        using MultipartFormDataContent many = new()
        {
            { new ByteArrayContent(Pictures.GreyPng(1500, 1000, (_, _) => 0)), "image", "photo.png" },
            { new ByteArrayContent(Scene.Mask()), "mask", "mask.png" },
        };
        using HttpResponseMessage tooMany = await server.Client.PostAsync("refine", many, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, tooMany.StatusCode);
        string problem = await tooMany.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("expected at most 1,000,000", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_from_files_are_served_by_their_names()
    {
        string fast = Path.Combine(Repository.Root(), "src", "Spn", "Models", "Fast", "fast.safetensors");
        File.Copy(fast, _folder.File("My model.safetensors"));
        using ServerProcess server = await ServerProcess.StartAsync(
            arguments => SpnProcess.Start(_folder, [.. arguments, "-m", "My model.safetensors", "-m", "quality"]));
        Assert.Equal(Scene.Refined(Scene.Photo(), Scene.Mask()), await server.RefineAsync());
        string description = await server.Client.GetStringAsync("openapi.json", TestContext.Current.CancellationToken);
        Assert.Contains("\"enum\":[\"my-model\",\"quality\"]", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_websites_are_refused()
    {
        using ServerProcess server = await ServerProcess.StartAsync(arguments => SpnProcess.Start(_folder, arguments));
        Assert.Equal(HttpStatusCode.BadRequest, await Status("GET", "metrics", "Host", "website.example"));
        Assert.Equal(HttpStatusCode.OK, await Status("GET", "metrics", "Host", $"127.0.0.1:{server.Port}"));
        Assert.Equal(HttpStatusCode.Forbidden, await Status("POST", "refine", "Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await Status("POST", "refine", "Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.OK, await Status("GET", "", "Sec-Fetch-Site", "cross-site")); // a link to the page

        async Task<HttpStatusCode> Status(string method, string path, string header, string value)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), path);
            request.Headers.Add(header, value);
            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, "serve", "--host", "192.0.2.1");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("spn: The server cannot listen at this address and port: ", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port 65536", "--port: expected 0 to 65535, got 65536.")]
    [InlineData("--port x", "--port: expected a whole number, got 'x'")]
    [InlineData("--host example.com", "--host: expected localhost or an IP address, got 'example.com'.")]
    [InlineData("--max-upload 0", "--max-upload: expected 1 to 2047, got 0.")]
    [InlineData("--max-upload 20 --max-buffered 19", "--max-buffered: expected 20 or more, got 19.")]
    [InlineData("--model none.safetensors", "There is no model 'none.safetensors'. Expected fast, quality, or the path")]
    [InlineData("-m fast -m FAST", "--model: two models are called 'fast'. Rename one of the files.")]
    [InlineData("--max-pixels 501", "--max-pixels: expected 1 to 500, got 501.")]
    [InlineData("--timeout 0", "--timeout: expected 1 to 86400, got 0.")]
    [InlineData("--jobs 0", "--jobs: expected 1 or more, got 0.")]
    [InlineData("--queue -1", "--queue: expected 0 or more, got -1.")]
    public async Task Wrong_options_are_refused(string options, string message)
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, ["serve", .. options.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"spn: {message}", result.Errors, StringComparison.Ordinal);
    }
}
