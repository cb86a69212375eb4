using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Xunit;

namespace Spn.Server.Tests.Endpoints;

/// <summary>What operators and generators read: health, metrics and OpenAPI; and the page's files.</summary>
public sealed partial class OperationTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(prefix: "/masks");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_working_server_is_healthy()
        => Assert.Equal("Healthy", await _server.Client.GetStringAsync("masks/health"));

    [Fact]
    public async Task Services_may_be_added_twice()
    {
        await using RunningServer server = await RunningServer.StartAsync(services: services => services.AddSpnServer());
        Assert.Equal("Healthy", await server.Client.GetStringAsync("health"));
    }

    [Fact]
    public async Task Metrics_count_requests_and_calls()
    {
        using HttpResponseMessage done = await _server.PostAsync(
            "masks/refine", ("image", Scene.Photo()), ("mask", Scene.Mask()));
        using HttpResponseMessage refused = await _server.PostAsync("masks/refine", ("image", Scene.Photo()));
        using HttpResponseMessage metrics = await _server.Client.GetAsync("masks/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        string[] lines = (await metrics.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');

        Assert.Contains("# TYPE spn_call_duration_seconds histogram", lines);
        Assert.Contains("# TYPE spn_calls_total counter", lines);
        Assert.Contains("# TYPE spn_calls_active gauge", lines);
        const string Labels = "spn_operation=\"RefineWithReportAsync\",spn_method=\"Fast\"";
        Assert.Contains(lines, line => line.StartsWith($"spn_calls_total{{{Labels},spn_outcome=\"ok\"}} ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"spn_call_wait_seconds_bucket{{{Labels},le=\"0.005\"}} ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal)
            && line.Contains("http_response_status_code=\"400\"", StringComparison.Ordinal)
            && line.Contains("http_route=\"/masks/refine\"", StringComparison.Ordinal) && line.EndsWith("} 1", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{([a-z_]+=""[^""]*"",?)*\} [0-9.eE+-]+)$", line));
    }

    [Fact]
    public async Task OpenAPI_describes_every_endpoint_and_field()
    {
        ReadResult read = OpenApiDocument.Parse(await _server.Client.GetStringAsync("masks/openapi.json"));
        Assert.Empty(read.Diagnostic!.Errors);
        OpenApiDocument document = read.Document!;
        Assert.Equal(".", Assert.Single(document.Servers!).Url); // so that clients find the endpoints below /masks
        Assert.Equal(["/affinity", "/cutout", "/labels", "/refine"], document.Paths.Keys.Order(StringComparer.Ordinal));
        foreach ((string path, IOpenApiPathItem item) in document.Paths)
        {
            OpenApiOperation operation = item.Operations![HttpMethod.Post];
            IOpenApiSchema form = operation.RequestBody!.Content!["multipart/form-data"].Schema!;
            Assert.Equal(["200", "400", "413", "415", "422", "429", "503"], operation.Responses!.Keys);
            // A request with every option at its default is accepted.
            (string, object)[] parts = [.. form.Properties!.Select(property => (property.Key, property.Key switch
            {
                "image" => Scene.Photo(),
                "mask" => Scene.Mask(),
                "labels" => Scene.Labels(),
                "x" or "y" => "5",
                _ => (object)property.Value.Default!.GetValue<string>(),
            }))];
            using HttpResponseMessage response = await _server.PostAsync($"masks{path}", parts);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {await response.Content.ReadAsStringAsync()}");
            // Without one that is required it is not.
            foreach (string required in form.Required!)
            {
                using HttpResponseMessage incomplete = await _server.PostAsync(
                    $"masks{path}", [.. parts.Where(part => part.Item1 != required)]);
                Assert.Equal(HttpStatusCode.BadRequest, incomplete.StatusCode);
            }
        }
    }

    [Fact]
    public async Task What_can_be_read_answers_to_HEAD()
    {
        foreach (string path in new[] { "masks/", "masks/page.js", "masks/health", "masks/metrics", "masks/openapi.json" })
        {
            using HttpRequestMessage request = new(HttpMethod.Head, path);
            using HttpResponseMessage response = await _server.Client.SendAsync(request);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode}");
            Assert.Equal("", await response.Content.ReadAsStringAsync());
        }
        using HttpRequestMessage call = new(HttpMethod.Head, "masks/refine");
        using HttpResponseMessage refused = await _server.Client.SendAsync(call);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
    }

    [Fact]
    public async Task The_models_are_those_of_the_app()
    {
        SpnModel own = SpnModel.Load(Path.Combine(Repository.Root(), "src", "Spn", "Models", "Quality", "quality.safetensors"));
        await using RunningServer server = await RunningServer.StartAsync(options =>
        {
            options.Models.Clear();
            options.Models.Add("mine-1.2", own);
            options.Models.Add("fast", SpnModel.Fast);
        });
        byte[] expected = Scene.Encode(SpnRefiner.Configure().WithModel(SpnModel.Quality).Build().Refine(Scene.Photo(), Scene.Mask()).Save);
        foreach (string query in new[] { "", "?model=mine-1.2" })
        {
            using HttpResponseMessage response = await server.PostAsync(
                "refine" + query, ("image", Scene.Photo()), ("mask", Scene.Mask()));
            Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync());
        }
        using HttpResponseMessage unknown = await server.PostAsync(
            "refine?model=quality", ("image", Scene.Photo()), ("mask", Scene.Mask()));
        Assert.Contains(
            "The field 'model': expected mine-1.2 or fast, got 'quality'.", await unknown.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        OpenApiDocument document = OpenApiDocument.Parse(await server.Client.GetStringAsync("openapi.json")).Document!;
        IOpenApiSchema model = document.Paths["/labels"].Operations![HttpMethod.Post].RequestBody!.Content!["multipart/form-data"]
            .Schema!.Properties!["model"];
        Assert.Equal(["mine-1.2", "fast"], model.Enum!.Select(name => name!.GetValue<string>()));
        Assert.Equal("mine-1.2", model.Default!.GetValue<string>());
    }

    [Fact]
    public async Task The_page_is_complete_strict_and_relative()
    {
        using HttpResponseMessage page = await _server.Client.GetAsync("masks");
        Assert.Equal("/masks/", page.RequestMessage!.RequestUri!.AbsolutePath); // after a redirect
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        string html = await page.Content.ReadAsStringAsync();
        string[] links = [.. Link().Matches(html).Select(match => match.Groups[1].Value)];
        Assert.Contains("page.js", links);
        foreach (string link in links)
        {
            Assert.DoesNotContain(":", link, StringComparison.Ordinal); // nothing from elsewhere
            using HttpResponseMessage file = await _server.Client.GetAsync($"masks/{link}");
            Assert.True(file.StatusCode == HttpStatusCode.OK, link);
            using HttpRequestMessage again = new(HttpMethod.Get, $"masks/{link}");
            again.Headers.IfNoneMatch.Add(file.Headers.ETag!);
            using HttpResponseMessage unchanged = await _server.Client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }
    }

    [GeneratedRegex("(?:src|href)=\"([^\"#]+)\"")]
    private static partial Regex Link();
}
