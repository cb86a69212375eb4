namespace Spn.Cuda.Tests.Ptx;

/// <summary>
/// Runs a program on warps. Of a warp's threads, those that are behind run first, so they meet again after a branch. Copies land when they
/// are waited for.
/// </summary>
internal sealed unsafe class PtxCode
{
    // Of the instructions that the hardware has not, or that cost nothing; all others count 1. Those of 64 bits are two of 32.
    private static readonly Dictionary<string, int> s_costs = new()
    {
        ["mov"] = 0, ["cvta"] = 0, ["ret"] = 0, ["exp"] = 30,
    };

    private readonly Action<PtxThread>?[] _steps;
    private readonly int[] _costs;
    private readonly bool[] _meets;

    public PtxCode(PtxProgram program)
    {
        Program = program;
        _steps = [.. program.Code.Select(Step)];
        _costs = [.. program.Code.Select(Cost)];
        _meets = [.. program.Code.Select(instruction => instruction is { Name: "shfl" } or { Opcode: ["bar", "warp", ..] })];
        Counts = new long[_steps.Length];
    }

    public PtxProgram Program { get; }

    /// <summary>How often warps have issued each instruction.</summary>
    public long[] Counts { get; }

    /// <summary>The instructions that threads have issued, by their costs.</summary>
    public long Issued => Counts.Select((count, i) => 32 * count * _costs[i]).Sum();

    public void Run(PtxThread[] warp)
    {
        while (true)
        {
            // Threads that are behind go first; at a shuffle or a warp's barrier, all wait for one another.
            int next = int.MaxValue, meeting = int.MaxValue;
            foreach (PtxThread thread in warp)
            {
                if (thread.Wait != PtxWait.None)
                    continue;
                if (_meets[thread.Next])
                    meeting = Math.Min(meeting, thread.Next);
                else
                    next = Math.Min(next, thread.Next);
            }

            if (Math.Min(next, meeting) == int.MaxValue)
                break;
            Execute(warp, next < int.MaxValue ? next : meeting);
        }

        if (warp.Any(thread => thread.Wait != warp[0].Wait))
            throw new EmulationException("The threads of a warp wait for different things.");
    }

    private void Execute(PtxThread[] warp, int next)
    {
        PtxInstruction instruction = Program.Code[next];
        Counts[next]++;
        if (_meets[next] && warp.Any(thread => thread.Next != next || thread.Wait != PtxWait.None))
            throw new EmulationException($"Not all threads of a warp take part in {instruction.Text}.");
        if (instruction.Name == "shfl")
        {
            Shuffle(warp, instruction);
            return;
        }

        foreach (PtxThread thread in warp)
        {
            if (thread.Wait != PtxWait.None || thread.Next != next)
                continue;
            thread.Next++;
            if (instruction.Guard < 0 || thread.Registers[instruction.Guard] != 0 != instruction.Negated)
                _steps[next]!(thread);
        }
    }

    private static int Cost(PtxInstruction instruction)
    {
        string type = instruction.Type;
        bool real = type is "f32" or "f64";
        if (instruction is { Name: "ld", Opcode: [_, "param", ..] })
            return 0;
        if (instruction.Name is "div" or "rem")
            return real ? 12 : 20;
        if (instruction.Name == "rcp")
            return instruction.Opcode.Contains("approx") ? 1 : 9;
        if (s_costs.TryGetValue(instruction.Name, out int cost))
            return cost;
        if (type is "s64" or "u64" or "b64" && instruction.Name is "add" or "sub" or "shl" or "shr" or "and" or "or" or "setp" or "selp")
            return type is "s64" or "u64" or "b64" ? 2 : 1;
        return type is "s64" or "u64" && instruction.Name is "mul" or "mad" && type.EndsWith("64", StringComparison.Ordinal) ? 4 : 1;
    }

    internal static ulong Value(PtxThread thread, in PtxOperand operand) => operand.Register < 0 ? operand.Constant : thread.Registers[operand.Register];

    private Action<PtxThread>? Step(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        if (instruction.Name is "mov" && of.Length > 2)
            return MoveParts(instruction);
        if (instruction.Name == "cvta")
        {
            bool isShared = instruction.Opcode.Contains("shared"), toGeneric = instruction.Opcode[1] != "to";
            return thread => thread.Registers[of[0].Register] = !isShared ? Value(thread, of[1]) : toGeneric
                ? thread.Cluster.GenericAddress(Value(thread, of[1]), thread.Rank)
                : thread.Cluster.SharedAddress(Value(thread, of[1]), thread.Rank);
        }

        if (PtxOperations.Of(instruction) is { } function && instruction.Name is not ("ld" or "st" or "mapa" or "shfl"))
        {
            PtxOperand a = of[1], b = of.ElementAtOrDefault(2), c = of.ElementAtOrDefault(3), d = of.ElementAtOrDefault(4);
            return thread => thread.Registers[of[0].Register] = function(Value(thread, a), Value(thread, b), Value(thread, c), Value(thread, d));
        }

        switch (instruction.Name)
        {
            case "bra":
                int target = Program.Label(of[0].Label!);
                return thread => thread.Next = target;
            case "ret":
                return thread => thread.Wait = thread.Copies.Sum(group => group.Count) == 0
                    ? PtxWait.Done : throw new EmulationException("A thread ends before its copies have landed.");
            case "bar" when instruction.Opcode[1] == "warp":
            case "fence" or "membar":
            case "barrier" when instruction.Opcode[2] == "arrive": // the wait follows it
                return _ => { };
            case "bar":
                return thread => thread.Wait = PtxWait.Block;
            case "barrier":
                return thread => thread.Wait = PtxWait.Cluster;
            case "mapa":
                return thread => thread.Registers[of[0].Register] = PtxCluster.PeerAddress(Value(thread, of[1]), (int)Value(thread, of[2]));
            case "ld":
                return Load(instruction);
            case "st":
                return instruction.Opcode[1] == "async" ? PtxInboxes.Push(of) : Store(instruction);
            case "mbarrier":
                return PtxInboxes.Step(instruction);
            case "cp":
                return Copy(instruction);
            case "shfl":
                return null;
            default:
                throw new NotSupportedException(instruction.Text);
        }
    }

    // mov.b64 {low, high}, wide and mov.b64 wide, {low, high}
    private static Action<PtxThread> MoveParts(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        int half = int.Parse(instruction.Type[1..]) / 2;
        ulong mask = (1ul << half) - 1;
        if (instruction.Text.Split(' ', 2)[1].StartsWith('{'))
        {
            return thread =>
            {
                ulong wide = Value(thread, of[2]);
                (thread.Registers[of[0].Register], thread.Registers[of[1].Register]) = (wide & mask, wide >> half & mask);
            };
        }

        return thread => thread.Registers[of[0].Register] = Value(thread, of[1]) & mask | Value(thread, of[2]) << half;
    }

    internal static byte* Address(PtxThread thread, in PtxOperand operand, bool isShared, int bytes)
    {
        ulong address = Value(thread, operand) + (ulong)operand.Offset;
        if (isShared)
            return thread.Cluster.Shared((uint)address, thread.Rank, bytes);
        return address % (ulong)bytes == 0 ? (byte*)address : throw new EmulationException($"{bytes} bytes at {address:x}, which is not aligned.");
    }

    private static bool IsShared(PtxInstruction instruction) => instruction.Opcode.Any(part => part.StartsWith("shared", StringComparison.Ordinal));

    private static Action<PtxThread> Load(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        int count = of.Length - 1, bytes = int.Parse(instruction.Type[1..]) / 8;
        bool isShared = IsShared(instruction), signed = instruction.Type[0] == 's';
        return thread =>
        {
            byte* at = Address(thread, of[count], isShared, bytes * count);
            for (int i = 0; i < count; i++, at += bytes)
            {
                thread.Registers[of[i].Register] = bytes switch
                {
                    1 => signed ? (uint)*(sbyte*)at : *at,
                    2 => signed ? (uint)*(short*)at : *(ushort*)at,
                    4 => *(uint*)at,
                    _ => *(ulong*)at,
                };
            }
        };
    }

    private static Action<PtxThread> Store(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        int count = of.Length - 1, bytes = int.Parse(instruction.Type[1..]) / 8;
        bool isShared = IsShared(instruction);
        return thread =>
        {
            byte* at = Address(thread, of[0], isShared, bytes * count);
            for (int i = 1; i <= count; i++, at += bytes)
            {
                ulong value = Value(thread, of[i]);
                switch (bytes)
                {
                    case 1: *at = (byte)value; break;
                    case 2: *(ushort*)at = (ushort)value; break;
                    case 4: *(uint*)at = (uint)value; break;
                    default: *(ulong*)at = value; break;
                }
            }
        };
    }

    // cp.async: [to], [from], bytes [, bytes that are not zeroed]
    private static Action<PtxThread> Copy(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        if (instruction.Opcode.Contains("commit_group"))
            return thread => thread.Copies.Add([]);
        if (instruction.Opcode.Contains("wait_group"))
            return thread => Land(thread, (int)of[0].Constant);
        int bytes = (int)of[2].Constant;
        return thread =>
        {
            int valid = of.Length > 3 ? (int)Value(thread, of[3]) : bytes;
            if (valid > 0)
                _ = Address(thread, of[1], false, bytes);
            thread.Copies[^1].Add(((ulong)Address(thread, of[0], true, bytes), Value(thread, of[1]) + (ulong)of[1].Offset, valid, bytes - valid));
        };
    }

    private static void Land(PtxThread thread, int pending)
    {
        while (thread.Copies.Count - 1 > pending)
        {
            foreach ((ulong to, ulong from, int bytes, int zeros) in thread.Copies[0])
            {
                Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes);
                new Span<byte>((byte*)to + bytes, zeros).Clear();
            }

            thread.Copies.RemoveAt(0);
        }
    }

    // shfl.sync.up and .down by 1
    private static void Shuffle(PtxThread[] warp, PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        ulong[] values = [.. warp.Select(thread => Value(thread, of[^4]))];
        int step = (int)of[^3].Constant * (instruction.Opcode[2] == "up" ? -1 : 1);
        for (int lane = 0; lane < 32; lane++)
        {
            int from = lane + step;
            warp[lane].Registers[of[0].Register] = values[from is >= 0 and < 32 ? from : lane];
            warp[lane].Next++;
        }
    }
}
