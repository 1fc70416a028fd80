using ActorPerf.Tests.Processes;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>Nodes whose clocks are two days apart.</content>
internal static partial class Faults
{
    private const long Second = 1_000_000;

    /// <summary>In a world of its own: what is due, who has a lease and all times that are kept are the database's.</summary>
    private static async Task ClocksApartAsync(ProofWorld shared)
    {
        await using var world = await ProofWorld.StartAsync(shared.Server, options => options with
        {
            ClockOffset = name => name switch { "one" => TimeSpan.FromDays(1), "two" => TimeSpan.FromDays(-1), _ => TimeSpan.Zero },
            Hocon = options.Hocon + "\nactorperf.schedules.tick { cron = \"* * * * * *\", task = square, args { n = 7 }, overlap = queue, misfire = all }",
        });
        await world.ProveAsync(Output, async () =>
        {
            var from = await world.Ledger.NowAsync();
            await world.WorkAsync(300);
            await DelayedAsync(world);
            // The leader, a day ahead, dies; then the one a day behind leads, or the right one does.
            var taken = await world.BeginAsync(world.Nodes[0], 24, """{"firstMs":8000,"ms":10,"key":"KEY"}""");
            var leader = await world.LeaderAsync();
            Assert.Equal("one", leader?.Name);
            var lost = world.RunBy(leader!, taken);
            await leader!.KillAsync();
            var killed = await world.Ledger.NowAsync();
            await world.FinalAsync(taken, ProofWorld.Lease + TimeSpan.FromSeconds(10));
            Assert.All(await world.JobsAsync(lost), job => Assert.Equal((2, 1), (job.Attempt, job.Crashes)));
            Assert.True(await world.Ledger.AskAsync<long>("SELECT coalesce(min(started_at), @killed) FROM actorperf.job WHERE id = ANY (@lost)", ("lost", lost.ToArray()), ("killed", killed)) >= killed);
            leader.ClockOffset = TimeSpan.FromDays(-1);             // its next life's clock jumps by two days
            await leader.StartAsync(Ct);
            await world.WorkAsync(300);
            await SameTimeAsync(world, from);
        });
    }

    /// <summary>Due times are the database's, whichever node was asked and whichever runs the job.</summary>
    private static async Task DelayedAsync(ProofWorld world)
    {
        var lines = Enumerable.Range(0, 30).Select(n => Load.Line("square", $$"""{"n":{{n}}}""", ""","delay":"1500ms","expiresIn":"1h" """)).ToList();
        for (var node = 0; node < 3; node++) await new Load(world.Cluster).SendAsync([.. lines.Skip(node * 10).Take(10)], node, Ct);
        await world.FinalAsync([.. lines.Select(line => line.Id)], TimeSpan.FromSeconds(15));
        var early = await world.Ledger.ReadAsync(
            "SELECT id FROM actorperf.job WHERE id = ANY (@ids) AND (started_at < run_at OR run_at NOT BETWEEN created_at - 8500000 AND created_at + 1600000)", row => row.GetGuid(0), ("ids", lines.Select(line => line.Id).ToArray()));
        Assert.Empty(early);
        // While they waited nobody owned them: the claim is the first that names a node.
        Assert.Empty(await world.Ledger.ReadAsync(
            "SELECT h.seq FROM actorperf.history h JOIN actorperf.job j ON j.seq = h.subject WHERE h.kind = 1 AND j.id = ANY (@ids) AND h.at < j.run_at AND h.incarnation IS NOT NULL",
            row => row.GetInt64(0), ("ids", lines.Select(line => line.Id).ToArray())));
    }

    /// <summary>No time in the database is a node's own, and each tick has one job.</summary>
    private static async Task SameTimeAsync(ProofWorld world, long from)
    {
        var (early, late) = (from - (30 * Second), await world.Ledger.NowAsync() + (30 * Second));
        foreach (var (table, column) in ((string, string)[])[("job", "created_at"), ("job", "started_at"), ("job", "finished_at"), ("job", "run_at"), ("history", "at"), ("member", "heartbeat"), ("member", "up_since"), ("member", "lease_until")])
        {
            Assert.Equal(0, await world.Ledger.AskAsync<long>(
                $"SELECT count(*) FROM actorperf.{table} WHERE {column} NOT BETWEEN @early AND @late", ("early", early), ("late", late)));
        }
        var ticks = await new Ticks(world.Ledger, "tick").CheckAsync();
        Assert.True(ticks.Count > 5, $"{ticks.Count} ticks");
        using var ahead = new NodeApi(world.Nodes[1].Url);
        var shown = (await ahead.GetAsync("/jobs?limit=1")).Body.GetProperty("items")[0];
        Assert.True(shown.GetProperty("waited").GetDouble() is >= 0 and < 60, shown.GetRawText());
        Output.WriteLine($"{ticks.Count} ticks, one job each");
    }
}
