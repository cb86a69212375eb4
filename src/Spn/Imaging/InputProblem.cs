using Spn.Imaging;

namespace Spn;

/// <summary>
/// Why an image or mask was refused, for programs whose users do not know the library: they get the same sentence with the name that they
/// know, and the program's own advice.
/// </summary>
public sealed class InputProblem
{
    private readonly InputName _name;
    private readonly string _reason;

    private InputProblem(InputName name, string reason, InputAdvice advice) => (_name, _reason, Advice) = (name, reason, advice);

    /// <summary>The argument of the library that was refused, for example <c>image</c>, <c>coarseMask</c> or <c>coarseLabels</c>.</summary>
    public string Argument => _name.Argument;

    /// <summary>What may help.</summary>
    public InputAdvice Advice { get; }

    /// <summary>The problem that an exception of the library reports, or <see langword="null"/> if it is about something else.</summary>
    /// <param name="exception">An exception.</param>
    public static InputProblem? Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Data[typeof(InputProblem)] as InputProblem;
    }

    /// <summary>The problem in one or more sentences, without advice.</summary>
    /// <param name="input">What the input is called, for example the name of its file.</param>
    public string Describe(string input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _name.Source is null ? $"{input}: {_reason}" : $"{input} {_reason}";
    }

    /// <summary>An exception about the content of an input.</summary>
    internal static InvalidDataException Content(
        InputName name, string reason, InputAdvice advice = InputAdvice.None, Exception? inner = null)
        => new InputProblem(name, reason, advice).Attach(message => new InvalidDataException(message, inner));

    /// <summary>An exception about an argument.</summary>
    internal static ArgumentException ForArgument(InputName name, string reason, InputAdvice advice = InputAdvice.None)
        => new InputProblem(name, reason, advice).Attach(message => new ArgumentException(message, name.Argument));

    private T Attach<T>(Func<string, T> make)
        where T : Exception
    {
        T exception = make($"{Describe(_name.ToString())}{Text(Advice)}");
        exception.Data[typeof(InputProblem)] = this;
        return exception;
    }

    /// <summary>The advice for programmers.</summary>
    private static string Text(InputAdvice advice) => advice switch
    {
        InputAdvice.UseFromPixels => " Raw pixels need FromPixels.",
        InputAdvice.RaisePixelLimit =>
            " Set a higher limit with RefinerBuilder.WithPixelLimit, or with the pixelLimit parameter of Load.",
        InputAdvice.ChooseFit =>
            " A mask of a stretched or padded image needs MaskOptions with Fit = MaskFit.Stretch or MaskFit.Letterbox.",
        InputAdvice.ChooseValues => " Labels belong in a LabelMap; "
            + "a mask that is nearly empty needs MaskOptions with Values = MaskValues.Probabilities.",
        InputAdvice.UseLabelMap =>
            " Load it with LabelMap.Load and refine all labels together with Refine(image, labels).",
        InputAdvice.GiveMaskColors => " A colour mask needs MaskOptions.Colors.",
        InputAdvice.GiveLabelColors => " A file that shows labels in RGB needs a colour table, for example LabelPalette.Voc.",
        _ => "",
    };
}
