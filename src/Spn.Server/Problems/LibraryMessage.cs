using Spn.Server.Requests;
using Spn.Shared;

namespace Spn.Server.Problems;

/// <summary>The library's messages for somebody who sees the request and not the program.</summary>
internal static class LibraryMessage
{
    public static string Of(Exception e)
    {
        if (InputProblem.Of(e) is not { } problem)
            return e.Plain();
        Field field = problem.Argument switch
        {
            "image" => Field.Image,
            "coarseLabels" or "encoded" => Field.Labels,
            _ => Field.Mask,
        };
        string text = problem.Describe($"The field '{field.Name}'");
        return (field == Field.Mask ? $"{text} {Advice(problem.Advice)}" : text).ReplaceLineEndings(" ").Trim();
    }

    /// <summary>What the library advises for a mask, in the fields of a request.</summary>
    private static string Advice(InputAdvice advice) => advice switch
    {
        InputAdvice.ChooseFit => "For a mask of a stretched or padded image add fit=stretch or fit=letterbox.",
        InputAdvice.ChooseValues => "Label maps belong to /labels; for a mask that is nearly empty add values=probabilities.",
        InputAdvice.UseLabelMap => "Send it to /labels to refine all of them.",
        _ => "",
    };
}
