using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Three nodes under load, one of which is killed every few seconds, while the database is restarted and loses its connections.</summary>
[Collection(nameof(ProofCollection))]
public sealed class ChaosTests(ProofServer server, ITestOutputHelper output)
{
    private const int Jobs = 50_000;
    private const int Witnessed = 300;

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
        var squares = Enumerable.Range(0, Jobs - Witnessed).Select(Load.Square).ToList();
        var witnessed = Enumerable.Range(0, Witnessed).Select(n => Load.Witnessed(string.Create(CultureInfo.InvariantCulture, $$"""{"ms":{{200 + (n % 5 * 200)}},"key":"{{n}}"}"""))).ToList();
        // Those that last longer go in among the others, so that there are some at each kill.
        var parts = squares.Chunk(squares.Count / 3 + 1).Select((part, n) => witnessed.Where((_, i) => i % 3 == n).Concat(part).ToList()).ToList();
        var sending = Task.WhenAll(parts.Select((part, n) => load.SendAsync(part, n, Ct)));
        await chaos.RunAsync(until: async () => sending.IsCompleted && await chaos.Ledger.UnfinishedAsync() < 50);
        await sending;
        await chaos.Ledger.DoAsync("UPDATE actorperf.schedule SET paused = true");
        await chaos.Ledger.UntilAsync("every job is final", async () => await chaos.Ledger.UnfinishedAsync() == 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Jobs} jobs final after {since.Elapsed.TotalSeconds:0.0} s, {chaos.Kills.Count} kills, {load.Failures} sendings unanswered"));

        await new Audit(chaos.Ledger).CheckAsync([.. squares.Select(one => one.Id), .. witnessed.Select(one => one.Id)], load.Acknowledged);
        await chaos.CheckTakenOverAsync(Lease + TimeSpan.FromSeconds(10));
        await CheckTicksAsync(chaos.Ledger);
        CheckWitness(Witness.Read(cluster.WitnessFolder), chaos);
        await cluster.VerifyAsync(Ct);
    }

    private async Task CheckTicksAsync(Ledger ledger)
    {
        var ticks = await ledger.ReadAsync("SELECT run_at / 1000000 FROM actorperf.job WHERE schedule = 'tick' ORDER BY run_at", row => row.GetInt64(0));
        Assert.Equal(ticks.Distinct(), ticks);
        Assert.Equal(Enumerable.Range(0, ticks.Count).Select(n => ticks[0] + n), ticks);
        output.WriteLine($"{ticks.Count} ticks, one job each");
    }

    private void CheckWitness(IReadOnlyList<WitnessedRun> runs, Chaos chaos)
    {
        var overlaps = runs.GroupBy(run => run.Job).SelectMany(job => job.SelectMany((one, i) => job.Skip(i + 1).Where(other => one.Overlaps(other, chaos.EndOf)).Select(other => (one, other)))).ToList();
        output.WriteLine($"{runs.Count} runs witnessed of {runs.Select(run => run.Job).Distinct().Count()} jobs, {runs.Count(run => run.End is null)} died with their process, {overlaps.Count} overlaps");
        // Nobody was frozen: what was fenced had a third of its lease to stop in, and followed its token.
        Assert.Empty(overlaps);
    }
}
