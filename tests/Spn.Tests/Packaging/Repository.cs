using Xunit;

namespace Spn.Tests.Packaging;

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
}
