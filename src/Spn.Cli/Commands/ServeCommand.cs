using System.CommandLine;
using System.Net;
using Spn.Cli.Serving;

namespace Spn.Cli.Commands;

/// <summary><c>spn serve</c>: the HTTP interface and its page.</summary>
internal sealed class ServeCommand
{
    private const long Megabyte = 1 << 20, Million = 1_000_000;

    private readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen at: localhost, an IP address of this machine, or 0.0.0.0 for all of them.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "localhost",
    };

    private readonly Option<int> _port = Number("--port", "N", 8080, "The port to listen at; 0 takes a free one.");
    private readonly Option<int> _maxUpload = Number("--max-upload", "MB", 64, "The maximum size of a request in megabytes.");
    private readonly Option<int> _maxBuffered = Number(
        "--max-buffered", "MB", 512, "The maximum size of all uploads in progress and unread answers together, in megabytes.");

    private readonly Option<int> _maxPixels = Number("--max-pixels", "N", 50, "The maximum size of an image in millions of pixels.");
    private readonly Option<int> _timeout = Number("--timeout", "SECONDS", 60, "How long a call may take, with its wait for its turn.");
    private readonly Option<int> _queue = Number("--queue", "N", 64, "How many calls may wait; further ones are refused.");

    private readonly Option<int> _jobs = Number(
        "--jobs", "N", Math.Max(2, Environment.ProcessorCount), "How many calls run at a time. Fewer need less memory.", "-j");

    private readonly Option<string[]> _models = new("--model", "-m")
    {
        Description = "A model to choose from: fast, quality, or the path of a model that you trained; repeat it for several. The first is "
            + "the default of a request. Default: fast and quality.",
        HelpName = "fast|quality|FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => ["fast", "quality"],
    };

    private ServeCommand()
    {
        _models.CompletionSources.Add("fast", "quality");
    }

    public static Command Create()
    {
        ServeCommand serve = new();
        Command command = new("serve", "Serve a page to paint masks on photos, and an HTTP interface, for example: spn serve --port 8080")
        {
            serve._host, serve._port, serve._models, serve._jobs, serve._queue, serve._timeout, serve._maxUpload, serve._maxBuffered,
            serve._maxPixels,
        };
        command.SetAction(serve.RunAsync);
        return command;
    }

    // ASP.NET is loaded in the method that this one calls.
    private Task<int> RunAsync(ParseResult line, CancellationToken cancellation) => WebServer.RunAsync(
        new ServeSettings(
            AddressOf(line.GetRequiredValue(_host)), Read(line, _port, 0, IPEndPoint.MaxPort),
            Read(line, _maxUpload, 1, 2047) * Megabyte, Buffered(line) * Megabyte, Read(line, _maxPixels, 1, 500) * Million,
            TimeSpan.FromSeconds(Read(line, _timeout, 1, 86_400)),
            Read(line, _jobs, 1, int.MaxValue), Read(line, _queue, 0, int.MaxValue), ModelsOf(line.GetRequiredValue(_models))),
        cancellation);

    /// <summary>Without the option, at least one upload fits.</summary>
    private int Buffered(ParseResult line)
    {
        int upload = line.GetValue(_maxUpload);
        return line.GetResult(_maxBuffered) is { Implicit: false }
            ? Read(line, _maxBuffered, upload, int.MaxValue)
            : Math.Max(upload, line.GetValue(_maxBuffered));
    }

    /// <summary>A model from a file has the file's name.</summary>
    private static (string Name, SpnModel Model)[] ModelsOf(string[] models)
    {
        (string Name, SpnModel Model)[] named = [.. models.Select(model => (NameOf(model), ModelOption.Load(model)))];
        return named.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new UsageException($"--model: two models are called '{twice.Key}'. Rename one of the files.")
            : named;

        static string NameOf(string model) => string.Concat(Path.GetFileNameWithoutExtension(model)
            .Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? char.ToLowerInvariant(letter) : '-'));
    }

    private static IPAddress? AddressOf(string host)
    {
        if (host == "localhost")
            return null;
        return IPAddress.TryParse(host, out IPAddress? address) ? address : throw new UsageException(
            $"--host: expected localhost or an IP address, got '{host}'.");
    }

    private static int Read(ParseResult line, Option<int> option, int min, int max)
    {
        int number = line.GetValue(option);
        if (number < min || number > max)
        {
            string expected = max == int.MaxValue ? $"{min} or more" : $"{min} to {max}";
            throw new UsageException($"{option.Name}: expected {expected}, got {number}.");
        }
        return number;
    }

    private static Option<int> Number(string name, string unit, int standard, string description, params string[] aliases)
        => new(name, aliases)
        {
            Description = description,
            HelpName = unit,
            CustomParser = Check.WholeNumber(name),
            DefaultValueFactory = _ => standard,
        };
}
