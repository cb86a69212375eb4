using System.Text;

namespace Spn.Evaluation.Report;

/// <summary>Writes a file at once: under a temporary name beside it, then renamed. Who reads it meanwhile sees the old one or the new one.</summary>
internal static class WholeFile
{
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public static void Write(string path, byte[] content)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // there only if something failed
        }
    }
}
