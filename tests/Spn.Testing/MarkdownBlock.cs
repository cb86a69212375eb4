namespace Spn.Testing;

/// <summary>A fenced block of a Markdown page.</summary>
/// <param name="Page">The page's path, relative to the repository.</param>
/// <param name="Line">The line of the opening fence, from 1.</param>
/// <param name="Language">What follows the opening fence, for example <c>csharp</c>.</param>
/// <param name="Section">The heading above the block, without its number signs.</param>
/// <param name="Comment">The HTML comment on the line in front of the block, or empty.</param>
/// <param name="Code">The text between the fences.</param>
internal sealed record MarkdownBlock(string Page, int Line, string Language, string Section, string Comment, string Code)
{
    private const string Fence = "```";

    /// <summary>All fenced blocks of a page, in order.</summary>
    /// <param name="root">The repository's root folder.</param>
    /// <param name="page">The page's path, relative to the root.</param>
    public static IEnumerable<MarkdownBlock> Read(string root, string page)
    {
        string[] lines = File.ReadAllLines(Path.Combine(root, page));
        string section = "", comment = "";
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                int end = Array.FindIndex(lines, i + 1, l => l.Trim() == Fence);
                if (end < 0)
                    throw new InvalidDataException($"{page}({i + 1}): the block has no end.");
                yield return new MarkdownBlock(page, i + 1, line[Fence.Length..], section, comment, string.Join('\n', lines[(i + 1)..end]));
                i = end;
            }
            else if (line.StartsWith('#'))
            {
                section = line.TrimStart('#').Trim();
            }

            if (line.Length > 0)
                comment = line.StartsWith("<!--", StringComparison.Ordinal) ? line[4..].Replace("-->", "", StringComparison.Ordinal).Trim() : "";
        }
    }

    /// <summary>Where the block stands, for messages.</summary>
    public override string ToString() => $"{Page}({Line})";
}
