using Spn.Inference;
using Spn.Native;
using Spn.Simd;
using Xunit;

namespace Spn.Tests.Inference;

public sealed class WorkspaceTests
{
    [Fact]
    public void Maps_that_are_used_together_never_overlap_and_others_share_memory()
    {
        var random = new Random(3);
        var plan = new WorkspacePlan();
        var used = new List<(long Offset, long Bytes)>();
        long total = 0;
        for (int i = 0; i < 300; i++)
        {
            if (used.Count > 6)
            {
                int leaving = random.Next(used.Count);
                plan.Release((nint)used[leaving].Offset);
                used.RemoveAt(leaving);
            }
            long bytes = random.Next(1, 5000);
            long offset = plan.Take(bytes);
            Assert.Equal(0, offset % 64);
            Assert.True(offset > 0 && offset + bytes <= plan.Bytes);
            Assert.All(used, other => Assert.True(offset >= other.Offset + other.Bytes || other.Offset >= offset + bytes));
            used.Add((offset, bytes));
            total += bytes;
        }
        Assert.True(plan.Bytes < total / 5);
    }

    [Fact]
    public void A_network_that_keeps_a_map_cannot_be_planned()
        => Assert.Throws<InvalidOperationException>(() => Workspace.Plan(workspace => workspace.Maps(1, 1, 2, 2)));

    [Fact]
    public unsafe void A_call_gets_the_planned_memory_and_idle_memory_is_freed()
    {
        WorkspacePlan plan = Workspace.Plan(Network);
        BlockPool.Block? block;
        using (WorkspacePool.Lease lease = WorkspacePool.Rent(plan, SimdLevel.Scalar, 1))
        {
            Network(lease.Workspace);
            Assert.InRange(plan.Bytes, 8000, 9000);
        }
        block = BlockPool.Rent(plan.Bytes);
        Assert.True(block.Memory != null && block.Bytes >= plan.Bytes);
        BlockPool.Return(block);
        BlockPool.Trim(milliseconds: 0);
        Assert.True(block.Memory == null);

        static void Network(Workspace workspace)
        {
            FeatureMaps first = workspace.Maps(1, 1, 10, 100), second = workspace.Maps(1, 1, 10, 100);
            workspace.Release(first);
            FeatureMaps third = workspace.Maps(1, 1, 10, 100);
            Assert.True(third.Data == first.Data && third.Data != second.Data);
            workspace.Release(second);
            workspace.Release(third);
        }
    }
}
