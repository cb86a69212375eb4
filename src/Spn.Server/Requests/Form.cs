using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Spn.Server.Problems;

namespace Spn.Server.Requests;

/// <summary>The files and options of a request, checked against the fields that its endpoint has.</summary>
internal sealed class Form
{
    // Each label takes the memory of a mask. All of them together take about that of the largest mask.
    private const int LabelFactor = 2;

    private readonly IFormFileCollection _files;
    private readonly Dictionary<string, string> _options = [];
    private readonly Models _models;
    private readonly long _maxPixels;

    private Form(IFormFileCollection files, Models models, long maxPixels) => (_files, _models, _maxPixels) = (files, models, maxPixels);

    /// <summary>Receives the request completely. Files above 64 KB lie in the temporary folder until the request ends.</summary>
    /// <param name="context">The request.</param>
    /// <param name="fields">The fields that it may have.</param>
    /// <param name="models">The models that it may choose.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="ProblemException">It is too large, damaged, or has other fields than expected.</exception>
    public static async Task<Form> ReceiveAsync(HttpContext context, Field[] fields, Models models, SpnServerOptions options)
    {
        HttpRequest request = context.Request;
        long limit = options.MaxRequestBytes;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? media)
            || !media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            string type = request.ContentType is null ? "a request without a content type" : $"'{request.ContentType}'";
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, $"Expected multipart/form-data, got {type}.");
        }
        if (request.ContentLength > limit)
            throw TooLarge(limit);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        IFormCollection form = await ReadAsync(request, limit).ConfigureAwait(false);
        Form received = new(form.Files, models, options.MaxPixels);
        foreach (IFormFile file in form.Files)
            received.Add(file, fields);
        foreach ((string name, StringValues values) in form.Concat(request.Query))
            received.Add(name, values, fields);
        foreach (Field field in fields.Where(field => field.Values.Count > 0))
            received._options.TryAdd(field.Name, field.Values[0]);
        if (fields.FirstOrDefault(field => field.IsFile && form.Files.GetFile(field.Name) is null
            || field.IsNumber && !received._options.ContainsKey(field.Name)) is { } missing)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{missing.Name}' is missing.");
        }
        return received;
    }

    /// <summary>The name of the model.</summary>
    public string Model => Option(Field.Model);

    public RefineSettings Settings => new(_models.Find(Model), Option(Field.Hard) == "true", Option(Field.Limit) == "true");

    public MaskOptions MaskOptions => new()
    {
        Fit = Option(Field.Fit) switch
        {
            "stretch" => MaskFit.Stretch,
            "letterbox" => MaskFit.Letterbox,
            "letterbox-top-left" => MaskFit.LetterboxTopLeft,
            _ => MaskFit.Proportional,
        },
        Values = Option(Field.MaskValues) == "probabilities" ? MaskValues.Probabilities : MaskValues.Auto,
    };

    /// <exception cref="ProblemException">It is not a whole number.</exception>
    public int Number(Field field)
        => int.TryParse(_options[field.Name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ProblemException(
                StatusCodes.Status400BadRequest, $"The field '{field.Name}': expected a whole number, got '{_options[field.Name]}'.");

    /// <summary>Reads an image into memory and checks its header.</summary>
    /// <exception cref="ProblemException">It is not an image, or has too many pixels.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadImageAsync(Field field, CancellationToken cancellation)
    {
        IFormFile file = _files.GetFile(field.Name)!;
        byte[] content = new byte[file.Length];
        await using (Stream stream = file.OpenReadStream())
            await stream.ReadExactlyAsync(content, cancellation).ConfigureAwait(false);
        ImageHeader.Check(field.Name, content, _maxPixels);
        return content;
    }

    /// <summary>Reads a label map and checks its memory, which grows with its labels.</summary>
    /// <param name="image">The image it belongs to.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ProblemException">It is not an image, or has too many pixels or labels.</exception>
    public async Task<LabelMap> ReadLabelsAsync(ReadOnlyMemory<byte> image, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> content = await ReadImageAsync(Field.Labels, cancellation).ConfigureAwait(false);
        LabelMap labels = LabelMap.Load(content, pixelLimit: _maxPixels);
        long pixels = ImageHeader.Check(Field.Image.Name, image, _maxPixels), max = LabelFactor * _maxPixels;
        int count = Count(labels);
        return count * pixels <= max ? labels : throw new ProblemException(
            StatusCodes.Status422UnprocessableEntity,
            FormattableString.Invariant(
                $"The field 'labels' has {count:N0} labels for an image of {pixels:N0} pixels; expected at most {max:N0} in all labels."));
    }

    private static int Count(LabelMap map)
    {
        HashSet<int> labels = [];
        foreach (int label in map.Labels)
            labels.Add(label);
        return labels.Count;
    }

    private string Option(Field field) => _options.GetValueOrDefault(field.Name, "");

    private void Add(IFormFile file, Field[] fields)
    {
        if (!Find(file.Name, fields).IsFile)
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{file.Name}' is a file; expected text.");
        if (_files.GetFiles(file.Name).Count > 1)
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{file.Name}' is there more than once.");
    }

    private void Add(string name, StringValues values, Field[] fields)
    {
        Field field = Find(name, fields);
        if (field.IsFile)
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{name}' is text; expected a file.");
        if (values.Count != 1 || !_options.TryAdd(name, values.ToString()))
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{name}' is there more than once.");
        if (!field.IsNumber && !field.Values.Contains(_options[name]))
        {
            throw new ProblemException(
                StatusCodes.Status400BadRequest, $"The field '{name}': expected {Listed(field.Values)}, got '{_options[name]}'.");
        }
    }

    private static Field Find(string name, Field[] fields)
        => fields.FirstOrDefault(field => field.Name == name) ?? throw new ProblemException(
            StatusCodes.Status400BadRequest,
            $"There is no field '{name}' here. Expected {Listed([.. fields.Select(field => field.Name)], "and")}.");

    private static string Listed(IReadOnlyList<string> words, string last = "or")
        => words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} {last} {words[^1]}";

    private static async Task<IFormCollection> ReadAsync(HttpRequest request, long limit)
    {
        FormOptions options = new() { MultipartBodyLengthLimit = limit, ValueCountLimit = 32, ValueLengthLimit = 256, KeyLengthLimit = 64 };
        request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request, options));
        try
        {
            return await request.ReadFormAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(limit) : new ProblemException(e.StatusCode, e.Message);
        }
        catch (Exception e) when (IsDamage(e) && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(
                StatusCodes.Status400BadRequest, $"The request is not valid multipart/form-data, or is incomplete: {e.Message}");
        }
    }

    // The system's own errors, such as a full disk, have other codes. They are the server's fault, and their messages name its folders.
    private static bool IsDamage(Exception e) => e is InvalidDataException || e is IOException && e.HResult == new IOException().HResult;

    private static ProblemException TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge, FormattableString.Invariant($"The request is too large; expected at most {limit:N0} bytes."));
}
