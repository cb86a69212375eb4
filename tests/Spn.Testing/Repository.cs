using Xunit;

namespace Spn.Testing;

/// <summary>The checkout that the tests run from.</summary>
internal static class Repository
{
    /// <summary>Its root; the test is skipped where the tests run outside a checkout.</summary>
    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Spn.sln")))
                return folder.FullName;
        Assert.Skip("Not inside a checkout of the repository.");
        return null!;
    }

    /// <summary>The folder of data sets beside the checkout, or where SPN_SHARED says; the test is skipped where there is none.</summary>
    public static string Shared()
    {
        string root = Root();
        string? named = Environment.GetEnvironmentVariable("SPN_SHARED");
        string[] candidates = named is not null ? [named] : [Path.Combine(root, "shared"), Path.Combine(root, "..", "shared")];
        if (candidates.FirstOrDefault(Directory.Exists) is string found)
            return Path.GetFullPath(found);
        Assert.Skip("No data sets: neither SPN_SHARED nor a folder 'shared' in or beside the checkout.");
        return null!;
    }
}
