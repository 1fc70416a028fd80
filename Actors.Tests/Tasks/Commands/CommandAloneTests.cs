using System.Diagnostics;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using ActorPerf.Tests.Processes;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>Run beside no other test, for they count what the whole process allocates and its threads, or end what dead nodes have left on the machine.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class CommandAloneTests
{
    private const int Small = 64 * 1024;

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

    [Theory]
    [InlineData("yes")]
    [InlineData("cat /dev/zero")]
    [InlineData("yes & yes >&2")]
    public async Task F_62_a_flood_on_standard_output_ends_the_call_and_costs_no_more_than_a_result(string script)
    {
        await using var bench = CommandBench.Shell(script, maxResultBytes: Small);
        var before = GC.GetTotalAllocatedBytes();
        var error = await bench.FailAsync();
        Assert.Equal(("output-too-large", false), (error.Type, error.Retryable));
        Assert.Contains("(cut)", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 256L << 20);
    }

    [Fact]
    public async Task F_67_an_answer_without_end_is_cut_off()
    {
        await using var bench = WorkerTests.Workers(WorkerTests.Loop("""printf '{"id":"%s","result":"' "$id"; cat /dev/zero"""), maxResultBytes: 1024);
        var before = GC.GetTotalAllocatedBytes();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var error = TaskError.From(await Assert.ThrowsAsync<TaskFailedException>(() => bench.RunAsync(ct: patience.Token)));
        Assert.Equal(("output-too-large", false), (error.Type, error.Retryable));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 256L << 20);
    }

    [Fact]
    public async Task F_65_what_a_dead_node_left_behind_is_ended_and_nothing_of_a_living_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "run on Linux: looks at /proc");
        using var orphan = Sleep(NodeMark.Self with { Pid = 4_194_303, Started = 1 });
        using var former = Sleep(NodeMark.Self with { Started = 1 });           // the id came back
        using var own = Sleep(NodeMark.Self);
        using var elsewhere = Sleep(new NodeMark(4_194_303, 1, "1"));            // another space of ids: nothing is known of it
        try
        {
            await Eventually.Is(() => new[] { orphan, former, own, elsewhere }.All(one => ProcessTable.Variable(one.Id, RunMark.NodeVariable) is not null), "marked");
            var killed = ProcessTree.KillOrphans();
            Assert.Contains(orphan.Id, killed);
            Assert.Contains(former.Id, killed);
            Assert.DoesNotContain(own.Id, killed);
            Assert.DoesNotContain(elsewhere.Id, killed);
            await orphan.WaitForExitAsync();
        }
        finally
        {
            foreach (var one in new[] { own, elsewhere, orphan, former }) one.Kill();
        }
    }

    [Fact]
    public async Task Many_calls_wait_without_a_thread_each()
    {
        await using var bench = CommandBench.Shell("while [ ! -e go ]; do sleep 0.05; done");
        var before = ThreadPool.ThreadCount;
        var calls = Enumerable.Range(0, 30).Select(_ => bench.RunAsync()).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(1)); // lets the pool see them
        var most = ThreadPool.ThreadCount;
        bench.Write("go", "");
        Assert.All(await Task.WhenAll(calls), result => Assert.Equal("null", result));
        Assert.InRange(most - before, -100, 15);
    }

    private static Process Sleep(NodeMark mark)
    {
        var start = new ProcessStartInfo("sleep", ["600"]);
        start.Environment[RunMark.NodeVariable] = mark.ToString();
        return Process.Start(start) ?? throw new InvalidOperationException("sleep did not start");
    }
}
