namespace Spn.Server.Problems;

/// <summary>The library's messages for somebody who sees the request and not the program.</summary>
internal static class LibraryMessage
{
    // The library names its own arguments, and content without a name. The client knows fields.
    private static readonly (string Argument, string Field)[] s_arguments =
    [
        ("image: ", "image"), ("coarseMask: ", "mask"), ("mask: ", "mask"), ("coarseLabels: ", "labels"), ("encoded: ", "labels"),
    ];

    // The library's advice is for programs. Here is what it means for a request.
    private static readonly (string Library, string Request)[] s_advice =
    [
        (" A mask of a stretched or padded image needs MaskOptions with Fit = MaskFit.Stretch or MaskFit.Letterbox.",
            " For a mask of a stretched or padded image add fit=stretch or fit=letterbox."),
        ("Labels belong into a LabelMap; a mask that is nearly empty needs MaskOptions with Values = MaskValues.Probabilities.",
            "Label maps belong to /labels; for a mask that is nearly empty add values=probabilities."),
        ("Load it with LabelMap.Load and refine all labels together with Refine(image, labels).",
            "Send it to /labels to refine all of them."),
        (" A colour mask needs MaskOptions.Colors.", ""),
        (" A file that shows labels in RGB needs a colour table, for example LabelPalette.Voc.", ""),
        (" (raw pixels need FromPixels)", ""),
    ];

    public static string Of(Exception e)
    {
        string text = e.Message;
        if (e is ArgumentException { ParamName: { } parameter })
            text = text.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        foreach ((string argument, string field) in s_arguments)
        {
            const string Content = "the byte array";
            if (text.StartsWith(argument + Content, StringComparison.Ordinal))
                text = $"The field '{field}'{text[(argument.Length + Content.Length)..]}";
            else if (text.StartsWith(argument, StringComparison.Ordinal))
                text = $"The field '{field}': {text[argument.Length..]}";
        }
        foreach ((string library, string request) in s_advice)
        {
            bool isLabels = text.StartsWith("The field 'labels'", StringComparison.Ordinal);
            text = text.Replace(library, isLabels ? "" : request, StringComparison.Ordinal);
        }
        return text.ReplaceLineEndings(" ").Trim();
    }
}
