using Spn.Imaging;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>Refused inputs in parts: which argument, what is wrong, and what may help.</summary>
public sealed class InputProblemTests
{
    private static readonly byte[] s_image = Pictures.ColourPng(96, 64);

    public static TheoryData<string, byte[], byte[], InputAdvice, string> Refused => new()
    {
        { "image", [1, 2, 3], Grey(96, 64, 255), InputAdvice.UseFromPixels, "X is not an image that can be read" },
        {
            "image", Pictures.ColourPng(200, 200), Grey(96, 64, 255), InputAdvice.RaisePixelLimit,
            "X has 200 x 200 pixels; expected at most 20,000 in total."
        },
        { "coarseMask", s_image, [], InputAdvice.UseFromPixels, "X is empty; expected PNG, JPEG, WebP, GIF or BMP." },
        { "coarseMask", s_image, Grey(32, 32, 255), InputAdvice.ChooseFit, "X: expected the proportions of the 96 x 64 image" },
        { "coarseMask", s_image, Grey(96, 64, 9), InputAdvice.ChooseValues, "X has 9 as its highest value; expected 0 and 1" },
        { "coarseMask", s_image, Pictures.ColourPng(96, 64), InputAdvice.GiveMaskColors, "Are image and mask swapped?" },
        {
            "coarseMask", s_image, PngFile.Make(new[,] { { 0, 1, 2 }, { 0, 1, 2 } }, 8, PngFile.VocPalette()), InputAdvice.UseLabelMap,
            "X holds several labels (1 and 2); expected one object."
        },
    };

    [Theory, MemberData(nameof(Refused))]
    public void An_exception_says_which_input_is_wrong_and_what_may_help(
        string argument, byte[] image, byte[] mask, InputAdvice advice, string description)
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithPixelLimit(20_000).Build();
        Exception refused = Assert.ThrowsAny<Exception>(() => refiner.Refine(image, mask));
        InputProblem problem = InputProblem.Of(refused)!;
        Assert.Equal((argument, advice), (problem.Argument, problem.Advice));
        string text = problem.Describe("X");
        Assert.Contains(description, text, StringComparison.Ordinal);
        // The message is the same sentence with the argument's name, and the advice for programmers.
        string message = refused.Message.Replace($" (Parameter '{argument}')", "", StringComparison.Ordinal);
        string name = text.StartsWith("X:", StringComparison.Ordinal) ? argument : $"{argument}: the byte array";
        Assert.StartsWith(name + text[1..], message, StringComparison.Ordinal);
        Assert.True(message.Length > text.Length, message);
    }

    [Fact]
    public void A_label_file_without_a_colour_table_needs_one()
    {
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => LabelMap.Load(s_image));
        Assert.Equal(InputAdvice.GiveLabelColors, InputProblem.Of(refused)!.Advice);
        Assert.Equal("encoded", InputProblem.Of(refused)!.Argument);
    }

    [Fact]
    public void Damage_has_no_remedy()
    {
        byte[] whole = Pictures.GreyPng(96, 64, (x, y) => (byte)(x * y));
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Mask.Load(whole[..^40]));
        Assert.Equal(InputAdvice.None, InputProblem.Of(refused)!.Advice);
        Assert.StartsWith("X is truncated or damaged", InputProblem.Of(refused)!.Describe("X"), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_exceptions_have_none() => Assert.Null(InputProblem.Of(new ArgumentException("wrong", "image")));

    private static byte[] Grey(int width, int height, byte value)
        => Pictures.GreyPng(width, height, (x, _) => x < width / 2 ? value : (byte)0);
}
