using System.Diagnostics;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>A node whose line to the database delivers nothing any more, one way or both, and tells nobody.</content>
internal static partial class Faults
{
    /// <summary>It is silent before its lease ends, and comes back as another incarnation.</summary>
    private static async Task CutOffAsync(ProofWorld world, bool toServer, bool toClient)
    {
        var victim = world.Nodes[2];
        var before = await world.IncarnationAsync(victim);
        var jobs = await world.BeginAsync(victim, 24, """{"firstMs":60000,"key":"KEY"}""");
        var lost = world.RunBy(victim, jobs);
        Assert.NotEmpty(lost);

        if (toServer) victim.Database.ToServer.Hold();
        if (toClient) victim.Database.ToClient.Hold();
        // What was under way may still renew it: the end that counts is the last one that stood.
        var leaseEnd = 0L;
        await world.Ledger.UntilAsync("the node is down in the others' eyes", async () =>
        {
            leaseEnd = Math.Max(leaseEnd, await world.LeaseEndAsync(before));
            return await world.Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.member WHERE name = @name AND status = 'up' AND lease_until > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", ("name", victim.Name)) == 0;
        });
        await world.Ledger.UntilAsync("it says that it takes no work", async () => !await victim.IsReadyAsync(Ct));
        await world.Ledger.UntilAsync("what ran there runs elsewhere", () => Task.FromResult(world.Runs().Count(run => lost.Contains(run.Job) && run.Attempt == 2) == lost.Count), TimeSpan.FromSeconds(10));
        Silent(world, lost, leaseEnd, victim.Program.Id);

        victim.Database.Mend();
        await victim.ReadyAsync(Ct);
        Assert.NotEqual(before, await world.IncarnationAsync(victim));
        await CancelAsync(world, [.. jobs.Except(lost)]);
        await world.WorkAsync(50, first: 2);
    }

    /// <summary>A result that was under way when the line stood still changes nothing when it arrives.</summary>
    private static async Task LateResultAsync(ProofWorld world)
    {
        var victim = world.Nodes[2];
        // They end one after the other: some when nothing is delivered any more and the node does not know it yet.
        var jobs = await world.BeginAsync(victim, 30, static n => string.Create(CultureInfo.InvariantCulture, $$"""{"firstMs":{{FirstMs(n)}},"ms":7000,"key":"KEY"}"""));
        victim.Database.ToServer.Hold();
        var held = Stopwatch.GetTimestamp();
        await world.Ledger.UntilAsync("what did not end runs elsewhere", async () => (await world.JobsAsync(jobs)).TrueForAll(job => job.Attempt == 2 || job.State == JobState.Succeeded));
        var late = jobs.Where((id, n) => world.Runs().Any(run => run.Job == id && run.Attempt == 1 && run.Process == victim.Program.Id
            && run.End > held && Stopwatch.GetElapsedTime(run.Begin, run.End.Value) >= TimeSpan.FromMilliseconds(FirstMs(n)))).ToList();
        Assert.NotEmpty(late);
        Assert.All(await world.JobsAsync(late), job => Assert.Equal((JobState.Running, 2), (job.State, job.Attempt)));

        victim.Database.Mend();
        await world.FinalAsync(jobs);
        foreach (var job in late) Assert.Equal("2", await world.ResultAsync(victim, job));
        Output.WriteLine($"{late.Count} results arrived late");

        static int FirstMs(int n) => 600 + (n * 100);
    }

    /// <summary>Its code ended before the lease did, and nothing ran twice at a time.</summary>
    private static void Silent(ProofWorld world, List<Guid> lost, long leaseEnd, int process)
    {
        var runs = world.Runs().Where(run => lost.Contains(run.Job)).ToLookup(run => run.Process == process);
        Assert.Equal(lost.Count, runs[true].Count());
        Assert.Equal(lost.Count, runs[false].Count());
        var last = runs[true].Max(run => run.End ?? long.MaxValue);
        Assert.True(last < leaseEnd, "a run of the node that was cut off went on after its lease");
        var next = runs[false].Min(run => run.Begin);
        Assert.True(next > last, "a job ran twice at a time");
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{lost.Count} runs: silent {Stopwatch.GetElapsedTime(last, leaseEnd).TotalSeconds:0.00} s before the lease's end, running elsewhere {Stopwatch.GetElapsedTime(leaseEnd, next).TotalSeconds:0.00} s after it"));
    }

    // Those that ran elsewhere from the start would go on for a minute.
    private static async Task CancelAsync(ProofWorld world, List<Guid> jobs)
    {
        foreach (var job in jobs) await world.Api(world.Nodes[0]).PostAsync($"/jobs/{job:D}/cancel", "");
    }
}
