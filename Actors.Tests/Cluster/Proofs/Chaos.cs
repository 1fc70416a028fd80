using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Kills nodes and hurts the database, by a plan that a seed makes, and remembers what was running then.</summary>
internal sealed class Chaos(ProcessCluster cluster, ProofServer server, Ledger ledger, ITestOutputHelper output)
{
    /// <summary>Where work takes longer, for starting nodes takes what it would need, it comes to its end in peace.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(1);
    private readonly Dictionary<int, long> _ends = [];
    private readonly ConcurrentDictionary<int, bool> _killed = new();

    public Ledger Ledger => ledger;

    public List<Kill> Kills { get; } = [];

    /// <summary>Kills a node every 2 to 5 s and restarts it, at once or after a while. Third kill: the database is restarted. Second and fifth: its connections end.</summary>
    public async Task RunAsync(Func<Task<bool>> until)
    {
        var restarts = new List<Task>();
        var since = Stopwatch.StartNew();
        while (Kills.Count < 8 || (since.Elapsed < Longest && !await HoldsAsync(until)))
        {
            await Task.Delay(TimeSpan.FromSeconds(2 + (_random.NextDouble() * 3)), TestContext.Current.CancellationToken);
            var up = await ReadyAsync();
            // One stays that can take over; where starts are slow that is not so every time.
            if (up.Count < 2) continue;
            var victim = up[_random.Next(up.Count)];
            restarts.Add(await KillAsync(victim, Kills.Count % 2 == 0 ? cluster.Options.Lease + TimeSpan.FromSeconds(1) : TimeSpan.Zero));
            if (Kills.Count == 3) RestartDatabase();
            if (Kills.Count is 2 or 5) output.WriteLine($"{await ledger.TerminateAsync()} connections ended");
        }
        await Task.WhenAll(restarts);
        await ledger.UntilAsync("the work is nearly done", until, TimeSpan.FromMinutes(4));
        foreach (var node in cluster.Nodes) await node.ReadyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What ran on a killed node runs again, or has ended, within a time.</summary>
    public async Task CheckTakenOverAsync(TimeSpan bound)
    {
        var worst = TimeSpan.Zero;
        foreach (var kill in Kills)
        {
            foreach (var (job, attempt) in kill.Running)
            {
                // A finish that was under way when it died may have become durable; and the loss may have been one more than its crash budget.
                var next = await ledger.AskAsync<long>(
                    "SELECT coalesce(min(at), -1) FROM actorperf.history WHERE kind = 1 AND subject = @job AND ((to_state = 3 AND attempt > @attempt) OR (to_state IN (10, 11) AND attempt = @attempt))",
                    ("job", job), ("attempt", attempt));
                Assert.True(next >= 0, $"job {job} never ran again after its node {kill.Node} was killed");
                var took = TimeSpan.FromMicroseconds(next - kill.At);
                if (took > worst) worst = took;
                Assert.True(took <= bound, $"job {job} ran again {took} after its node {kill.Node} was killed: {await StoryAsync(job, kill.At)}");
            }
        }
        var lost = Kills.Sum(kill => kill.Running.Count);
        Assert.True(lost > 0, "no kill met a running job");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lost} runs lost in {Kills.Count} kills, the last of them taken over {worst.TotalSeconds:0.0} s after its kill"));
    }

    /// <summary>A job's history and all kills, in seconds from a moment.</summary>
    private async Task<string> StoryAsync(long job, long from)
    {
        var rows = await ledger.ReadAsync(
            "SELECT at, to_state, attempt, coalesce(node, ''), coalesce(detail, '') FROM actorperf.history WHERE kind = 1 AND subject = @job",
            row => (At: row.GetInt64(0), What: $"{(ActorPerf.Jobs.JobState)row.GetInt16(1)} attempt {row.GetInt32(2)} {row.GetString(3)} {row.GetString(4)}"), ("job", job));
        return string.Join("; ", rows.Concat(Kills.Select(kill => (kill.At, What: $"KILL {kill.Node}"))).OrderBy(row => row.At)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{(row.At - from) / 1e6:0.0} s {row.What}")));
    }

    /// <summary>When a run without a last word was over at the latest: with its process.</summary>
    public long EndOf(WitnessedRun run) => _ends.GetValueOrDefault(run.Process, long.MaxValue);

    private async Task<List<ProcessNode>> ReadyAsync()
    {
        var ready = await Task.WhenAll(cluster.Nodes.Select(node => node.IsReadyAsync(TestContext.Current.CancellationToken)));
        return [.. cluster.Nodes.Where((_, i) => ready[i])];
    }

    /// <returns>Completes when it takes work again.</returns>
    private async Task<Task> KillAsync(ProcessNode node, TimeSpan rest)
    {
        var process = node.Program.Id;
        _killed[process] = true;
        await node.KillAsync();
        _ends[process] = Stopwatch.GetTimestamp();
        // Of the queue that has no line: a job that is lost goes to the end of the one it was in, and behind tens of thousands that takes its time.
        var running = await ledger.ReadAsync("SELECT seq, attempt FROM actorperf.job WHERE state = 3 AND node = @node AND queue = 'io'", row => (row.GetInt64(0), row.GetInt32(1)), ("node", node.Name));
        Kills.Add(new Kill(node.Name, await ledger.NowAsync(), running));
        return RestartAsync(node, rest);
    }

    private async Task RestartAsync(ProcessNode node, TimeSpan rest)
    {
        await Task.Delay(rest, TestContext.Current.CancellationToken);
        // As whatever keeps programs running does: one that could not start, for the database was away, starts again.
        int process;
        do
        {
            await node.LaunchAsync();
            process = node.Program.Id;
            while (!_killed.ContainsKey(process) && !node.Program.HasExited && !await node.IsReadyAsync(TestContext.Current.CancellationToken))
                await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        while (!_killed.ContainsKey(process) && node.Program.HasExited);
    }

    private void RestartDatabase()
    {
        server.Server.Stop("fast");
        server.Server.Start();
        output.WriteLine("database restarted");
    }

    private static async Task<bool> HoldsAsync(Func<Task<bool>> until)
    {
        try
        {
            return await until();
        }
        catch (Npgsql.NpgsqlException)
        {
            return false;
        }
    }

    /// <param name="At">By the server's clock, in microseconds.</param>
    /// <param name="Running">Jobs of the queue <c>io</c> that stood as running on it, with their attempts.</param>
    internal sealed record Kill(string Node, long At, IReadOnlyList<(long Job, int Attempt)> Running);
}
