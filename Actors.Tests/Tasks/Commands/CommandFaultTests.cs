using System.Diagnostics;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>Processes that misbehave (F-60 to F-66): the call ends in bounded time and memory, and nothing of it stays.</summary>
public sealed class CommandFaultTests
{
    private const int Small = 64 * 1024;

    [Theory]
    [InlineData("trap '' TERM; echo $$ >> pids; while :; do sleep 60; done")]
    [InlineData("echo $$ >> pids; kill -STOP $$")]
    [InlineData("echo $$ >> pids; exec yes >&2")]
    [InlineData("echo $$ >> pids; sh -c 'trap \"\" TERM; echo $$ >> pids; while :; do sleep 60; done'; sleep 60")]
    [InlineData("setsid sh -c 'echo $$ >> pids; exec sleep 600' </dev/null >/dev/null 2>&1 & echo $$ >> pids; sleep 600")]
    public async Task F_61_a_call_that_hangs_is_ended_with_all_it_started(string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "run on Linux: finds what left its group in /proc");
        var count = script.Contains("sleep 600", StringComparison.Ordinal) || script.Contains("sh -c", StringComparison.Ordinal) ? 2 : 1;
        await using var bench = CommandBench.Shell(script);
        using var cancel = new CancellationTokenSource();
        var call = bench.RunAsync(ct: cancel.Token);
        var pids = await bench.PidsAsync("pids", count);
        var started = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 30);
        // Told to end, the last of them still need the processor for it.
        await Eventually.Is(() => !pids.Any(CommandBench.Lives), "all that it started have ended");
    }

    [Fact]
    public async Task INV_21_a_call_that_follows_TERM_ends_at_once()
    {
        await using var bench = CommandBench.Of("run { command = [sh, script.sh], kill-after = 25s }", ("script.sh", "trap 'echo ended > how; exit 0' TERM; echo $$ >> pids; while :; do sleep 0.05; done"));
        using var cancel = new CancellationTokenSource();
        var call = bench.RunAsync(ct: cancel.Token);
        await bench.PidsAsync("pids", 1);
        var started = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 24);
        Assert.Equal("ended", bench.Read("how").Trim());
    }

    [Theory]
    [InlineData(Small, null)]
    [InlineData(Small + 1, "output-too-large")]
    public async Task F_68_a_result_at_the_limit_counts_and_one_byte_more_does_not(int bytes, string? type)
    {
        await using var bench = CommandBench.Shell($"printf '\"'; head -c {bytes - 2} /dev/zero | tr '\\0' a; printf '\"'", maxResultBytes: Small);
        if (type is null) Assert.Equal(bytes, (await bench.RunAsync()).Length);
        else Assert.Equal(type, (await bench.FailAsync()).Type);
    }

    [Fact]
    public async Task F_62_both_pipes_full_at_once_block_nobody()
    {
        await using var bench = CommandBench.Shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; printf '\"'; head -c 1000000 /dev/zero | tr '\\0' y; printf '\"'; cat > /dev/null");
        Assert.Equal(1_000_002, (await bench.RunAsync($"\"{new string('z', 1_000_000)}\"")).Length);
    }

    [Theory]
    [InlineData("sleep 600 & echo $! >> pids; echo 1")]
    [InlineData("setsid sh -c 'echo $$ >> pids; exec sleep 600' & while [ ! -s pids ]; do sleep 0.02; done; echo 1")]
    public async Task F_63_a_grandchild_that_holds_the_pipe_does_not_hold_the_result(string script)
    {
        await using var bench = CommandBench.Shell(script);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal("1", await bench.RunAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
        var pid = Assert.Single(await bench.PidsAsync("pids", 1));
        await Eventually.Is(() => !CommandBench.Lives(pid), "the grandchild is gone");
    }

    [Fact]
    public async Task F_63_what_left_group_and_pipes_ends_with_its_call_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "run on Linux: finds what left its group in /proc");
        await using var bench = CommandBench.Shell("setsid sh -c 'echo $$ >> pids; exec sleep 600' </dev/null >/dev/null 2>&1 & while [ ! -s pids ]; do sleep 0.02; done; echo 1");
        Assert.Equal("1", await bench.RunAsync());
        var pid = Assert.Single(await bench.PidsAsync("pids", 1));
        await Eventually.Is(() => !CommandBench.Lives(pid), "the daemon is gone");
    }

    [Fact]
    public Task F_64_no_zombie_is_left_of_200_short_calls() => LeavesNoZombieAsync(200);

    [FullFact]
    public Task F_64_no_zombie_is_left_of_10_000_short_calls() => LeavesNoZombieAsync(10_000);

    [Theory]
    [InlineData("f() { f; }; f")]
    [InlineData("ulimit -v 200000; x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")]
    public async Task F_66_a_call_that_poisons_itself_ends_alone(string script)
    {
        await using var bench = CommandBench.Shell(script);
        var error = await bench.FailAsync();
        Assert.Matches("^(exit|signal)-", error.Type);
        bench.Write("script.sh", "echo 1");
        Assert.Equal("1", await bench.RunAsync());
    }

    private static async Task LeavesNoZombieAsync(int calls)
    {
        await using var bench = CommandBench.Of("run { command = [\"true\"] }");
        var left = calls;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0) Assert.Equal("null", await bench.RunAsync());
        }));
        await Eventually.Is(() => !ProcessTable.All().Any(entry => entry.Parent == Environment.ProcessId && entry.State == 'Z'), "no zombie is left");
    }
}
