using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Spn.SystemTests.Packaging;

[Collection(nameof(Packaging))]
public sealed class PackageContentTests(PackedSpn spn)
{
    [Fact]
    public void Package_has_what_its_users_need()
    {
        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(spn.Feed, "*.nupkg")));
        Assert.Superset(
            new HashSet<string> { "lib/net10.0/Spn.dll", "lib/net10.0/Spn.xml", "README.md", "icon.png",
                "buildTransitive/Spn.targets", "models/Fast/MODEL_CARD.md", "models/Quality/MODEL_CARD.md" },
            package.Entries.Select(e => e.FullName).ToHashSet());

        using var nuspec = new StreamReader(package.GetEntry("Spn.nuspec")!.Open());
        string text = nuspec.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", text, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", text, StringComparison.Ordinal);
        Assert.Contains("<icon>icon.png</icon>", text, StringComparison.Ordinal);
        Assert.Matches("<projectUrl>https://.+</projectUrl>", text);
        Assert.Matches("<repository type=\"git\" url=\"https://", text);
        Assert.Contains("id=\"TorchSharp\" version=\"0.107.0\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PublicApiAnalyzers", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_models_are_in_the_library_once_and_no_training_photo_is()
    {
        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(spn.Feed, "*.nupkg")));
        using var library = new PEReader(new MemoryStream(Bytes(package, "lib/net10.0/Spn.dll")));
        MetadataReader metadata = library.GetMetadataReader();
        Assert.Equal(["fast.safetensors", "quality.safetensors"],
            metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name)).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(package.Entries, entry => Path.GetExtension(entry.Name) is ".safetensors" or ".jpg");
        long size = new FileInfo(Directory.GetFiles(spn.Feed, "*.nupkg")[0]).Length;
        Assert.InRange(size, 6_000_000, 12_000_000);
    }

    [Fact]
    public void Build_is_deterministic_and_the_symbols_belong_to_it()
    {
        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(spn.Feed, "*.nupkg")));
        using ZipArchive symbols = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(spn.Feed, "*.snupkg")));
        using var library = new PEReader(new MemoryStream(Bytes(package, "lib/net10.0/Spn.dll")));
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Bytes(symbols, "lib/net10.0/Spn.pdb")));

        var entries = library.ReadDebugDirectory();
        Assert.Contains(entries, e => e.Type == DebugDirectoryEntryType.Reproducible);
        DebugDirectoryEntry codeView = Assert.Single(entries, e => e.Type == DebugDirectoryEntryType.CodeView);
        Assert.Equal(library.ReadCodeViewDebugDirectoryData(codeView).Guid, new BlobContentId(pdb.GetMetadataReader().DebugMetadataHeader!.Id).Guid);
    }

    private static byte[] Bytes(ZipArchive archive, string entry)
    {
        using Stream stream = archive.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
