using System.Diagnostics;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;
using Npgsql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>Those who come and go, and those who take over.</content>
internal static partial class Faults
{
    /// <summary>The row of a job that a reaper has found lost does not move before it is let go on; by then the node that was taken for lost is back, and has brought its results.</summary>
    private static async Task ReaperStandsAsync(ProofWorld world)
    {
        var leader = await world.LeaderAsync() ?? throw new InvalidOperationException("Nobody leads.");
        var victim = world.Nodes.First(node => node != leader);
        var before = await world.IncarnationAsync(victim);
        var jobs = await world.BeginAsync(victim, 12, """{"firstMs":8000,"deaf":true,"key":"KEY"}""");
        var lost = world.RunBy(victim, jobs);
        Assert.NotEmpty(lost);
        await using var gate = await world.Ledger.OpenAsync();
        await DoAsync(gate, """
            SELECT pg_advisory_lock(4711);
            CREATE FUNCTION wait_there() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$;
            CREATE TRIGGER wait_there BEFORE UPDATE ON actorperf.job FOR EACH ROW WHEN (NEW.crashes > OLD.crashes) EXECUTE FUNCTION wait_there()
            """);
        try
        {
            await victim.FreezeAsync();
            await world.Ledger.UntilAsync("the reaper stands", async () => await world.Ledger.AskAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted") > 0);
            await victim.ThawAsync();
            await world.Ledger.UntilAsync("its code has ended", () => Task.FromResult(world.Runs().Where(run => lost.Contains(run.Job)).All(run => run.End is not null)));
            await world.Ledger.UntilAsync("it is back as another incarnation", async () => await world.IncarnationAsync(victim) != before);
            Assert.All(await world.JobsAsync(lost), job => Assert.Equal((JobState.Running, 1, 0), (job.State, job.Attempt, job.Crashes)));
        }
        finally
        {
            await DoAsync(gate, "SELECT pg_advisory_unlock(4711)");
            await DoAsync(gate, "DROP FUNCTION wait_there CASCADE");
        }
        await world.FinalAsync(jobs);
        Assert.All(await world.JobsAsync(lost), job => Assert.Equal((2, 1, 1), (job.Attempt, job.Excused, job.Crashes)));
        foreach (var job in lost) Assert.Equal("2", await world.ResultAsync(leader, job));
    }

    /// <summary>It takes nothing new, ends what runs, uncharged and nothing twice, stands as down, and its process ends by itself.</summary>
    private static async Task LeaveAsync(ProofWorld world)
    {
        var (teller, leaver) = (world.Nodes[2], world.Nodes[0]);
        var jobs = await world.BeginAsync(leaver, 40, """{"ms":1500,"key":"KEY"}""");
        Assert.NotEmpty(world.RunBy(leaver, jobs));
        var start = new ProcessStartInfo(world.Cluster.Options.Program, ["--node", teller.Url.ToString(), "cluster", "leave", leaver.Name, "--yes"])
        {
            WorkingDirectory = world.Cluster.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        await using var command = new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException("The command line did not start."));
        Assert.True(await command.ExitAsync() == 0, command.Error);
        Assert.Equal(0, await leaver.Program.ExitAsync());
        Assert.Equal("down", await world.Ledger.AskAsync<string>("SELECT status::text FROM actorperf.member WHERE name = @name", ("name", leaver.Name)));
        await world.FinalAsync(jobs);
        Assert.All(await world.JobsAsync(jobs), job => Assert.Equal((1, 0), (job.Attempt - job.Excused, job.Crashes)));
        NoOverlap(world, jobs, static _ => long.MaxValue);
        Assert.All(world.Runs().Where(run => run.Process == leaver.Program.Id), run => Assert.NotNull(run.End));
    }

    /// <summary>One of those that take work is killed and started again, as soon as there are two; between any two kills work is done.</summary>
    private static async Task StormAsync(ProofWorld world)
    {
        var random = new Random(5);
        var slowest = TimeSpan.Zero;
        var longer = await world.BeginAsync(world.Nodes[0], 12, """{"firstMs":5000,"key":"KEY"}""");
        for (var kill = 0; kill < 6; kill++)
        {
            List<ProcessNode> up = [];
            await world.Ledger.UntilAsync("two take work", async () => (up = await ReadyAsync(world)).Count > 1);
            var victim = up[random.Next(up.Count)];
            await victim.KillAsync();
            await victim.LaunchAsync();
            var took = await world.WorkAsync(20, first: world.Nodes.ToList().IndexOf(up.First(node => node != victim)));
            if (took > slowest) slowest = took;
        }
        await world.FinalAsync(longer);
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"between two kills the work was done within {slowest.TotalSeconds:0.0} s"));
    }

    private static async Task<List<ProcessNode>> ReadyAsync(ProofWorld world)
    {
        var ready = await Task.WhenAll(world.Nodes.Select(node => node.IsReadyAsync(Ct)));
        return [.. world.Nodes.Where((_, i) => ready[i])];
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
