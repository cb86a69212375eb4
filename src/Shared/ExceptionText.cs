namespace Spn.Shared;

/// <summary>Messages of exceptions, for somebody who does not see the program.</summary>
internal static class ExceptionText
{
    /// <summary>The message in one line, without the name of the parameter and its value, which .NET appends.</summary>
    public static string Plain(this Exception exception)
    {
        string text = exception.Message;
        if (exception is ArgumentException { ParamName: { } parameter }
            && text.IndexOf($" (Parameter '{parameter}')", StringComparison.Ordinal) is >= 0 and int end)
        {
            text = text[..end];
        }
        return text.ReplaceLineEndings(" ").Trim();
    }
}
