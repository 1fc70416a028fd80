using ActorPerf.Tasks;
using ActorPerf.Tests.Processes;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>Runs beside no other test, for it counts what the whole process allocates.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class CommandFloodTests
{
    [Fact]
    public async Task F_62_a_flood_on_standard_error_is_read_to_its_end_cut_and_not_kept()
    {
        await using var bench = CommandBench.Shell("head -c 100000000 /dev/zero >&2; echo >&2; echo after >&2; echo 1");
        var context = A.Context("run");
        var before = GC.GetTotalAllocatedBytes();
        Assert.Equal("1", await bench.RunAsync(context: context));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64L << 20);
        Assert.Equal(["…", "after"], context.Lines.Select(line => line.Text.Length == AttemptContext.MaxLineLength ? line.Text[^1..] : line.Text));
    }
}
