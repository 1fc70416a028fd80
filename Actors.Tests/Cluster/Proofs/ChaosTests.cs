using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Three nodes under load, one of which is killed every few seconds, while the database is restarted and loses its connections.</summary>
[Collection(nameof(ProofCollection))]
public sealed class ChaosTests(ProofServer server, ITestOutputHelper output)
{
    private const int Jobs = 50_000;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_ends_twice_while_nodes_and_the_database_die()
    {
        var options = await server.NewAsync() with
        {
            Lease = Lease,
            Hocon = """
                akka.actor.deployment {
                  /compute/default { router = smallest-mailbox-pool, nr-of-instances = 48 }
                  /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 16 }
                  /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 2 }
                }
                actorperf.tasks.witness.queue = io
                actorperf.schedules.tick { cron = "* * * * * *", task = square, args { n = 7 }, overlap = queue, misfire = all, misfire-limit = 1000 }
                """,
        };
        await using var cluster = await ProcessCluster.StartAsync(options, Ct);
        try
        {
            var chaos = new Chaos(cluster, server, new Ledger(options.ConnectionString), output);
            await RunAsync(cluster, chaos);
        }
        catch
        {
            output.WriteLine($"Logs are kept in {cluster.KeepLogs()}.");
            throw;
        }
    }

    private async Task RunAsync(ProcessCluster cluster, Chaos chaos)
    {
        var since = Stopwatch.StartNew();
        var load = new Load(cluster);
        var squares = Enumerable.Range(0, Jobs).Select(Load.Square).ToList();
        var sending = Task.WhenAll(squares.Chunk((Jobs / 3) + 1).Select((part, n) => load.SendAsync(part, n, Ct)));
        // Those that last longer come one by one, so that each kill meets some.
        using var enough = new CancellationTokenSource();
        var witnessed = new List<(Guid Id, string Json)>();
        var feeding = FeedAsync(load, witnessed, enough.Token);
        await chaos.RunAsync(until: async () => sending.IsCompleted && await chaos.Ledger.UnfinishedAsync() < 50);
        await enough.CancelAsync();
        await Task.WhenAll(sending, feeding);
        await chaos.Ledger.UntilAsync("every job is final", async () => await chaos.Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE state < 10 AND schedule IS NULL") == 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Jobs + witnessed.Count} jobs final after {since.Elapsed.TotalSeconds:0.0} s, {chaos.Kills.Count} kills, {load.Failures} sendings unanswered"));

        await new Audit(chaos.Ledger).CheckAsync([.. squares.Select(one => one.Id), .. witnessed.Select(one => one.Id)], load.Acknowledged);
        await chaos.CheckTakenOverAsync(Lease + TimeSpan.FromSeconds(10));
        output.WriteLine($"{(await new Ticks(chaos.Ledger, "tick").CheckAsync()).Count} ticks, one job each");
        CheckWitness(Witness.Read(cluster.WitnessFolder), chaos);
        await cluster.VerifyAsync(Ct);
    }

    private static async Task FeedAsync(Load load, List<(Guid Id, string Json)> fed, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var some = Enumerable.Range(0, 4).Select(n => Load.Witnessed(string.Create(CultureInfo.InvariantCulture, $$"""{"ms":{{400 + (n * 300)}},"key":"{{fed.Count}} {{n}}"}"""))).ToList();
            fed.AddRange(some);
            await load.SendAsync(some, fed.Count, Ct);
            await Task.Delay(500, Ct);
        }
    }

    private void CheckWitness(IReadOnlyList<WitnessedRun> runs, Chaos chaos)
    {
        var overlaps = runs.GroupBy(run => run.Job).SelectMany(job => job.SelectMany((one, i) => job.Skip(i + 1).Where(other => one.Overlaps(other, chaos.EndOf)).Select(other => (one, other)))).ToList();
        output.WriteLine($"{runs.Count} runs witnessed of {runs.Select(run => run.Job).Distinct().Count()} jobs, {runs.Count(run => run.End is null)} died with their process, {overlaps.Count} overlaps");
        // Nobody was frozen: what was fenced had a third of its lease to stop in, and followed its token.
        Assert.Empty(overlaps);
    }
}
