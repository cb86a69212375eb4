using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Spn.Cli.Annotations.Cvat;

/// <summary>A file of the format "CVAT for images 1.1" (https://docs.cvat.ai/docs/manual/advanced/xml_format).</summary>
internal sealed class CvatFile : IAnnotationFile
{
    private readonly XDocument _document;

    private CvatFile(XDocument document, IReadOnlyList<AnnotatedImage> images) => (_document, Images) = (document, images);

    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static CvatFile Read(ReadOnlyMemory<byte> file, string name)
    {
        try
        {
            using MemoryStream stream = new(file.ToArray());
            using XmlReader reader = XmlReader.Create(stream); // without document types, which could make a small file large
            XDocument document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
            if (document.Root!.Name != "annotations")
                throw new InvalidDataException($"its root is <{document.Root.Name}>; expected <annotations>.");
            if (document.Root.Element("track") is not null)
                throw new InvalidDataException("it holds tracks of a video. Export it as 'CVAT for images 1.1'.");
            return new CvatFile(document, [.. document.Root.Elements("image").Select(Read).OfType<AnnotatedImage>()]);
        }
        catch (Exception e) when (e is XmlException or InvalidDataException)
        {
            throw new InvalidDataException($"'{name}' is no CVAT file: {e.Message}", e);
        }
    }

    public byte[] Write()
    {
        using MemoryStream file = new();
        XmlWriterSettings settings = new()
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            OmitXmlDeclaration = _document.Declaration is null,
            NewLineHandling = NewLineHandling.Entitize, // line ends in attributes stay
        };
        using (XmlWriter writer = XmlWriter.Create(file, settings))
            _document.WriteTo(writer);
        return file.ToArray();
    }

    private static AnnotatedImage? Read(XElement image)
    {
        string name = image.Attribute("name")?.Value ?? throw new InvalidDataException("an image has no name.");
        CvatObject[] objects =
        [
            .. image.Elements().Select((element, i) => (Element: element, Number: i + 1)).Where(child => CvatObject.Is(child.Element))
                .Select(child => new CvatObject(child.Number, child.Element)),
        ];
        if (objects.Length == 0)
            return null;
        return new AnnotatedImage(name, [name, Path.GetFileName(name)], Side("width"), Side("height"), objects);

        int Side(string attribute) => int.TryParse(image.Attribute(attribute)?.Value, out int side)
            ? side
            : throw new InvalidDataException($"the image '{name}' has no {attribute}.");
    }
}
