using System.Globalization;
using System.Text.RegularExpressions;

namespace Spn.Cuda.Tests.Ptx;

/// <summary>A kernel's PTX, parsed into instructions.</summary>
internal sealed partial class PtxProgram
{
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<PtxInstruction> _code = [];

    private PtxProgram(string ptx, string entryName)
    {
        // What every thread has from the start.
        foreach (string name in s_given)
            Register(name);
        string text = Comments().Replace(ptx, "");
        Match entry = Regex.Match(text, $@"\.entry\s+{entryName}\(\s*\.param [^\n]*?(\w+)\[\d+\]\s*\)");
        _registers[entry.Groups[1].Value] = Register(Argument);
        _registers["spn_shared_"] = Register(Shared);
        int start = text.IndexOf('{', entry.Index) + 1;
        Parse(text[start..text.IndexOf("\n}", start, StringComparison.Ordinal)]);
    }

    /// <summary>Names of the registers with which a thread starts.</summary>
    public const string Argument = "argument", Shared = "shared", Thread = "%tid.x", Threads = "%ntid.x", Block = "%ctaid.x", Blocks = "%nctaid.x";

    private static readonly string[] s_given = [Argument, Shared, Thread, Threads, Block, Blocks];

    public IReadOnlyList<PtxInstruction> Code => _code;

    public int Registers => _registers.Count;

    public static PtxProgram Of(string ptx, string entry) => new(ptx, entry);

    public int Register(string name)
    {
        if (!_registers.TryGetValue(name, out int index))
            _registers[name] = index = _registers.Count;
        return index;
    }

    public int Label(string name) => _labels[name];

    private void Parse(string body)
    {
        PtxOperand parameter = default;
        foreach (string text in Statements(body))
        {
            if (text is "" or "{" or "}" || text.StartsWith(".reg", StringComparison.Ordinal) || text.StartsWith(".param", StringComparison.Ordinal)
                || text.StartsWith(".pragma", StringComparison.Ordinal))
                continue;
            if (text.EndsWith(':'))
            {
                _labels[text[..^1]] = _code.Count;
                continue;
            }

            PtxInstruction instruction = Instruction(text.TrimEnd(';', ' '));
            // A call of exp, whose parameter and result go through memory of their own.
            if (instruction.Name == "st" && instruction.Text.Contains("[param0", StringComparison.Ordinal))
                parameter = instruction.Operands[1];
            else if (instruction.Name == "call")
                _code.Add(new PtxInstruction(instruction.Text, ["exp"], -1, false, []));
            else if (instruction.Name == "ld" && instruction.Text.Contains("[retval0", StringComparison.Ordinal))
                _code[^1] = _code[^1] with { Operands = [instruction.Operands[0], parameter] };
            else
                _code.Add(instruction);
        }
    }

    // Labels and instructions end with their lines; an instruction may take several lines, and a line may hold several.
    private static IEnumerable<string> Statements(string body)
    {
        string open = "";
        foreach (string line in body.Split('\n', StringSplitOptions.TrimEntries))
        {
            foreach (string piece in Pieces().Split(line))
            {
                open = Spaces().Replace($"{open} {piece}".Trim(), " ");
                if (open is "{" or "}" || open.EndsWith(';') || open.EndsWith(':'))
                {
                    yield return open;
                    open = "";
                }
            }
        }
    }

    private PtxInstruction Instruction(string text)
    {
        int guard = -1;
        bool negated = false;
        if (text[0] == '@')
        {
            int space = text.IndexOf(' ', StringComparison.Ordinal);
            negated = text[1] == '!';
            guard = Register(text[(negated ? 2 : 1)..space]);
            text = text[(space + 1)..];
        }

        string[] parts = text.Split(' ', 2);
        return new PtxInstruction(text, parts[0].Split('.'), guard, negated, parts.Length == 1 || parts[0].StartsWith("call", StringComparison.Ordinal) ? [] : [.. Operands(parts[1])]);
    }

    // Operands in order, those of a vector one by one.
    private IEnumerable<PtxOperand> Operands(string text)
    {
        foreach (string piece in text.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Split(','))
        {
            foreach (string operand in piece.Trim().Split('|'))
                yield return Operand(operand.Trim());
        }
    }

    private PtxOperand Operand(string text)
    {
        if (text.StartsWith('['))
        {
            string[] sum = text.Trim('[', ']').Split('+');
            PtxOperand start = Operand(sum[0]);
            long offset = sum.Length > 1 ? long.Parse(sum[1], CultureInfo.InvariantCulture) : 0;
            return start with { Offset = offset, IsAddress = true };
        }

        if (text.StartsWith("0f", StringComparison.Ordinal))
            return new PtxOperand(-1, uint.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (text.StartsWith("0d", StringComparison.Ordinal))
            return new PtxOperand(-1, ulong.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return new PtxOperand(-1, ulong.Parse(text[2..].TrimEnd('U'), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (char.IsDigit(text[0]) || text[0] == '-')
            return new PtxOperand(-1, (ulong)long.Parse(text, CultureInfo.InvariantCulture));
        return text[0] == '$' ? new PtxOperand(-1, 0) { Label = text } : new PtxOperand(Register(text), 0);
    }

    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comments();

    // After a semicolon, and around a brace that opens or closes a scope.
    [GeneratedRegex(@"(?<=;)|(?<=^\{)(?=\s*\.reg)|(?<=^\s*\})")]
    private static partial Regex Pieces();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

/// <summary>An instruction.</summary>
/// <param name="Text">Its text, without the guard.</param>
/// <param name="Opcode">The parts of its name.</param>
/// <param name="Guard">The predicate without which it does nothing, or -1.</param>
/// <param name="Negated">Whether the guard must be false.</param>
/// <param name="Operands">Its operands.</param>
internal sealed record PtxInstruction(string Text, string[] Opcode, int Guard, bool Negated, PtxOperand[] Operands)
{
    public string Name => Opcode[0];

    /// <summary>The type that it computes in, such as <c>f32</c>.</summary>
    public string Type => Opcode[^1];
}

/// <summary>A register or a constant.</summary>
internal readonly record struct PtxOperand(int Register, ulong Constant)
{
    public long Offset { get; init; }

    public bool IsAddress { get; init; }

    public string? Label { get; init; }
}
