using System.Numerics;

namespace Spn.Cuda.Tests.Ptx;

/// <summary>Computes a result from registers' bits.</summary>
internal delegate ulong PtxFunction(ulong a, ulong b, ulong c, ulong d);

/// <summary>The instructions that only compute. Values are kept as their bits, shorter ones with zeros above.</summary>
internal static class PtxOperations
{
    private static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong Bool(bool value) => value ? 1u : 0u;

    private static int Width(string type) => type == "pred" ? 1 : int.Parse(type[1..]);

    private static ulong Mask(int width) => width == 64 ? ulong.MaxValue : (1ul << width) - 1;

    private static long Signed(ulong bits, int width) => (long)(bits << (64 - width)) >> (64 - width);

    /// <summary>What an instruction computes, or <see langword="null"/> if it does more than that.</summary>
    public static PtxFunction? Of(PtxInstruction instruction)
    {
        string type = instruction.Type;
        return instruction.Name switch
        {
            "mov" or "cvta" => (a, _, _, _) => a,
            "cvt" => Convert(instruction.Opcode),
            "selp" => (a, b, c, _) => c != 0 ? a : b,
            "setp" => Compare(instruction.Opcode[1], type),
            "exp" => (a, _, _, _) => Bits(Math.Exp(Double(a))),
            "ex2" => (a, _, _, _) => Bits(float.Exp2(Float(a))),
            _ when type == "f32" => FloatOperation(instruction.Name),
            _ when type == "f64" => DoubleOperation(instruction.Name),
            _ when type == "pred" || (type[0] is 's' or 'u' or 'b' && char.IsDigit(type[^1])) => IntegerOperation(instruction),
            _ => null,
        };
    }

    private static PtxFunction? FloatOperation(string name) => name switch
    {
        "add" => (a, b, _, _) => Bits(Float(a) + Float(b)),
        "sub" => (a, b, _, _) => Bits(Float(a) - Float(b)),
        "mul" => (a, b, _, _) => Bits(Float(a) * Float(b)),
        "div" => (a, b, _, _) => Bits(Float(a) / Float(b)),
        "rcp" => (a, _, _, _) => Bits(1 / Float(a)),
        "neg" => (a, _, _, _) => Bits(-Float(a)),
        "abs" => (a, _, _, _) => Bits(Math.Abs(Float(a))),
        "fma" => (a, b, c, _) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c))),
        "max" => (a, b, _, _) => Bits(float.MaxNumber(Float(a), Float(b))),
        "min" => (a, b, _, _) => Bits(float.MinNumber(Float(a), Float(b))),
        _ => null,
    };

    private static PtxFunction? DoubleOperation(string name) => name switch
    {
        "add" => (a, b, _, _) => Bits(Double(a) + Double(b)),
        "sub" => (a, b, _, _) => Bits(Double(a) - Double(b)),
        "mul" => (a, b, _, _) => Bits(Double(a) * Double(b)),
        "div" => (a, b, _, _) => Bits(Double(a) / Double(b)),
        "rcp" => (a, _, _, _) => Bits(1 / Double(a)),
        "neg" => (a, _, _, _) => Bits(-Double(a)),
        "abs" => (a, _, _, _) => Bits(Math.Abs(Double(a))),
        "fma" => (a, b, c, _) => Bits(Math.FusedMultiplyAdd(Double(a), Double(b), Double(c))),
        "max" => (a, b, _, _) => Bits(double.MaxNumber(Double(a), Double(b))),
        "min" => (a, b, _, _) => Bits(double.MinNumber(Double(a), Double(b))),
        _ => null,
    };

    private static PtxFunction? IntegerOperation(PtxInstruction instruction)
    {
        int width = Width(instruction.Type);
        bool signed = instruction.Type[0] == 's', wide = instruction.Opcode.Contains("wide"), high = instruction.Opcode.Contains("hi");
        ulong mask = Mask(width);
        long Value(ulong bits) => signed ? Signed(bits, width) : (long)(bits & mask);
        ulong Product(ulong a, ulong b)
        {
            if (wide)
                return (ulong)(Value(a) * Value(b)) & Mask(2 * width);
            if (!high)
                return a * b & mask;
            return signed ? (ulong)(long)((Int128)Value(a) * Value(b) >> width) & mask : (ulong)((UInt128)(a & mask) * (b & mask) >> width);
        }

        return instruction.Name switch
        {
            "add" => (a, b, _, _) => a + b & mask,
            "sub" => (a, b, _, _) => a - b & mask,
            "mul" => (a, b, _, _) => Product(a, b),
            "mad" => (a, b, c, _) => Product(a, b) + c & (wide ? Mask(2 * width) : mask),
            "div" => (a, b, _, _) => (signed ? (ulong)(Value(a) / Value(b)) : (a & mask) / (b & mask)) & mask,
            "rem" => (a, b, _, _) => (signed ? (ulong)(Value(a) % Value(b)) : (a & mask) % (b & mask)) & mask,
            "neg" => (a, _, _, _) => 0 - a & mask,
            "abs" => (a, _, _, _) => (ulong)Math.Abs(Value(a)) & mask,
            "min" => (a, b, _, _) => signed ? (ulong)Math.Min(Value(a), Value(b)) & mask : Math.Min(a & mask, b & mask),
            "max" => (a, b, _, _) => signed ? (ulong)Math.Max(Value(a), Value(b)) & mask : Math.Max(a & mask, b & mask),
            "and" => (a, b, _, _) => a & b & mask,
            "or" => (a, b, _, _) => (a | b) & mask,
            "xor" => (a, b, _, _) => (a ^ b) & mask,
            "not" => (a, _, _, _) => ~a & mask,
            "shl" => (a, b, _, _) => (uint)b >= width ? 0 : a << (int)b & mask,
            "shr" when signed => (a, b, _, _) => (ulong)(Value(a) >> (int)Math.Min((uint)b, 63)) & mask,
            "shr" => (a, b, _, _) => (uint)b >= width ? 0 : (a & mask) >> (int)b,
            "bfe" => (a, b, c, _) => (ulong)(signed ? Signed(a >> (int)b, Math.Max(1, (int)c)) : (long)(a >> (int)b & Mask((int)c))) & mask,
            "bfi" => (a, b, c, d) => b & ~(Mask((int)d) << (int)c) & mask | (a & Mask((int)d)) << (int)c & mask,
            "prmt" => Permute,
            "popc" => (a, _, _, _) => (ulong)BitOperations.PopCount(a & mask),
            _ => null,
        };
    }

    private static ulong Permute(ulong a, ulong b, ulong selector, ulong unused)
    {
        ulong both = (uint)a | b << 32, result = 0;
        for (int i = 0; i < 4; i++)
        {
            int pick = (int)(selector >> 4 * i) & 15;
            ulong value = both >> 8 * (pick & 7) & 255;
            result |= (pick < 8 ? value : (value & 128) != 0 ? 255u : 0u) << 8 * i;
        }

        return result;
    }

    private static PtxFunction Compare(string comparison, string type)
    {
        if (type == "f32")
            return (a, b, _, _) => Bool(Holds(comparison, Float(a), Float(b)));
        if (type == "f64")
            return (a, b, _, _) => Bool(Holds(comparison, Double(a), Double(b)));
        int width = Width(type);
        bool signed = type[0] == 's';
        return comparison switch
        {
            "eq" => (a, b, _, _) => Bool(((a ^ b) & Mask(width)) == 0),
            "ne" => (a, b, _, _) => Bool(((a ^ b) & Mask(width)) != 0),
            _ when signed => (a, b, _, _) => Bool(Ordered(comparison, Signed(a, width).CompareTo(Signed(b, width)))),
            _ => (a, b, _, _) => Bool(Ordered(comparison, (a & Mask(width)).CompareTo(b & Mask(width)))),
        };
    }

    private static bool Ordered(string comparison, int order) => comparison switch
    {
        "eq" => order == 0,
        "ne" => order != 0,
        "lt" or "lo" => order < 0,
        "le" or "ls" => order <= 0,
        "gt" or "hi" => order > 0,
        "ge" or "hs" => order >= 0,
        _ => throw new NotSupportedException(comparison),
    };

    // Comparisons whose name ends in u also hold if an operand is NaN.
    private static bool Holds(string comparison, double a, double b)
    {
        bool unordered = double.IsNaN(a) || double.IsNaN(b);
        if (comparison is "nan" or "num")
            return unordered == (comparison == "nan");
        return unordered ? comparison.EndsWith('u') : Ordered(comparison[..2], a.CompareTo(b));
    }

    private static PtxFunction? Convert(string[] opcode)
    {
        string to = opcode[^2], from = opcode[^1];
        if (to is "f16x2" or "bf16x2")
            return (a, b, _, _) => Narrow(Float(b), to) | Narrow(Float(a), to) << 16;
        if (from == "f16")
            return (a, _, _, _) => Bits((float)BitConverter.UInt16BitsToHalf((ushort)a));
        if (to is "f16" or "bf16")
            return (a, _, _, _) => Narrow(Float(a), to + "x2");
        if ((to[0], from[0]) == ('f', 'f'))
            return to == "f32" ? (a, _, _, _) => Bits((float)Double(a)) : (a, _, _, _) => Bits((double)Float(a));
        int width = Width(from);
        long Value(ulong bits) => from[0] == 's' ? Signed(bits, width) : (long)(bits & Mask(width));
        return to switch
        {
            "f32" => (a, _, _, _) => Bits((float)Value(a)),
            "f64" => (a, _, _, _) => Bits((double)Value(a)),
            _ when from[0] == 'f' => null,
            _ => (a, _, _, _) => (ulong)Value(a) & Mask(Width(to)),
        };
    }

    private static ulong Narrow(float value, string type)
    {
        if (type == "f16x2")
            return BitConverter.HalfToUInt16Bits((Half)value);
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    }
}
