namespace Spn.Cuda.Tests.Ptx;

/// <summary>
/// The mbarriers in the shared memory of a cluster's blocks, by their addresses on the host. Each phase takes one arrival, which also says
/// how many bytes the phase brings. What another block writes arrives immediately.
/// </summary>
internal sealed unsafe class PtxInboxes
{
    private readonly Dictionary<nint, Inbox> _inboxes = [];

    /// <summary>The instructions on an mbarrier of the thread's own block.</summary>
    public static Action<PtxThread> Step(PtxInstruction instruction)
    {
        PtxOperand[] of = instruction.Operands;
        switch (instruction.Opcode)
        {
            case [_, "init", ..] when of[1].Constant == 1: // [mbarrier], 1
                return thread => thread.Cluster.Inboxes._inboxes.Add(Address(thread, of[0]), new Inbox());
            case [_, "arrive", "expect_tx", ..]: // state, [mbarrier], bytes
                return thread => thread.Cluster.Inboxes.Expect(Address(thread, of[1]), (int)PtxCode.Value(thread, of[2]));
            case [_, "try_wait", "parity", ..]: // done, [mbarrier], parity
                return thread =>
                {
                    (thread.Inbox, thread.Parity) = (Address(thread, of[1]), (int)PtxCode.Value(thread, of[2]));
                    thread.Registers[of[0].Register] = 1;
                    if (thread.Cluster.Inboxes.HasReceived(thread.Inbox, thread.Parity))
                        return;
                    thread.Next--; // tries again when the phase has ended
                    thread.Wait = PtxWait.Inbox;
                };
            default:
                throw new NotSupportedException(instruction.Text);
        }
    }

    /// <summary>st.async: [to], {4 words}, [mbarrier]</summary>
    public static Action<PtxThread> Push(PtxOperand[] of) => thread =>
    {
        uint* to = (uint*)PtxCode.Address(thread, of[0], true, 16);
        if (thread.Cluster.HasEnded((byte*)to))
            throw new EmulationException("A block has ended before the data that another writes to it has arrived.");
        for (int i = 0; i < 4; i++)
            to[i] = (uint)PtxCode.Value(thread, of[1 + i]);
        Inbox inbox = thread.Cluster.Inboxes._inboxes[Address(thread, of[5])];
        inbox.Missing -= 16;
        inbox.Settle();
    };

    /// <summary>Whether the phase with this parity has ended.</summary>
    public bool HasReceived(nint address, int parity) => (_inboxes[address].Phase & 1) != parity;

    private void Expect(nint address, int bytes)
    {
        Inbox inbox = _inboxes[address];
        if (inbox.IsExpecting)
            throw new EmulationException("A phase of an mbarrier is told twice what to expect.");
        (inbox.IsExpecting, inbox.Missing) = (true, inbox.Missing + bytes);
        inbox.Settle();
    }

    private static nint Address(PtxThread thread, in PtxOperand operand) => (nint)PtxCode.Address(thread, operand, true, 8);

    private sealed class Inbox
    {
        public int Phase { get; private set; }

        public bool IsExpecting { get; set; }

        /// <summary>The bytes that are expected and have not arrived; negative if they arrive before they are expected.</summary>
        public int Missing { get; set; }

        /// <summary>Ends the phase if everything has arrived.</summary>
        public void Settle()
        {
            if (!IsExpecting || Missing > 0)
                return;
            if (Missing < 0)
                throw new EmulationException("More bytes have arrived at an mbarrier than it expects.");
            (IsExpecting, Phase) = (false, Phase + 1);
        }
    }
}
