using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>A node that is stopped in the middle of its work for three leases, and goes on as if nothing had been.</content>
internal static partial class Faults
{
    /// <summary>What it brings late is refused, and touches neither cache nor dependants.</summary>
    private static async Task FrozenAsync(ProofWorld world)
    {
        var victim = world.Nodes[1];
        var before = await world.IncarnationAsync(victim);
        // Deaf: the code goes on to its end when the node thaws, whatever its token says. As long as the node is frozen, so that none ends before.
        var ended = await world.BeginAsync(victim, 12, """{"firstMs":9000,"deaf":true,"key":"KEY"}""");
        // The next run of these is under way when the late report comes.
        var running = await world.BeginAsync(victim, 12, """{"firstMs":9000,"ms":9000,"deaf":true,"key":"KEY"}""");
        var lost = world.RunBy(victim, [.. ended, .. running]);
        Assert.NotEmpty(lost.Intersect(ended));
        Assert.NotEmpty(lost.Intersect(running));
        var dependants = await DependAsync(world, lost);

        await victim.FreezeAsync();
        var frozen = Stopwatch.GetTimestamp();
        var leaseEnd = await world.LeaseEndAsync(before);
        await world.FinalAsync(ended, ProofWorld.Lease + TimeSpan.FromSeconds(10));
        var rest = (3 * ProofWorld.Lease) - Stopwatch.GetElapsedTime(frozen);
        if (rest > TimeSpan.Zero) await Task.Delay(rest, Ct);
        await victim.ThawAsync();
        await victim.ReadyAsync(Ct);
        await world.Ledger.UntilAsync("it is back as another incarnation", async () => await world.IncarnationAsync(victim) != before);
        await world.Ledger.UntilAsync("its code has ended", () => Task.FromResult(world.Runs().Where(run => lost.Contains(run.Job)).All(run => run.End is not null)));

        await world.FinalAsync(running);

        Overlap(world, lost, leaseEnd, victim.Program.Id);
        await StandAsync(world, lost, dependants, victim);
    }

    private static async Task<Dictionary<Guid, Guid>> DependAsync(ProofWorld world, List<Guid> parents)
    {
        var lines = parents.ToDictionary(parent => parent, parent => Load.Line(
            "square", string.Create(CultureInfo.InvariantCulture, $$$"""{"n":{"$result":"{{{parent:D}}}"}}"""), string.Create(CultureInfo.InvariantCulture, $$""","dependsOn":["{{parent:D}}"]""")));
        await new Load(world.Cluster).SendAsync([.. lines.Values], 0, Ct);
        return lines.ToDictionary(line => line.Key, line => line.Value.Id);
    }

    /// <summary>Both runs of a lost job are seen; the second began only after the lease of the first was over, and on another node.</summary>
    private static void Overlap(ProofWorld world, List<Guid> lost, long leaseEnd, int frozen)
    {
        var earliest = long.MaxValue;
        foreach (var job in lost)
        {
            var runs = world.Runs().Where(run => run.Job == job).OrderBy(run => run.Attempt).ToList();
            Assert.Equal((2, 1, 2), (runs.Count, runs[0].Attempt, runs[1].Attempt));
            Assert.Equal(frozen, runs[0].Process);
            Assert.NotEqual(frozen, runs[1].Process);
            // The first went on after the thaw: it is late, and the two overlap.
            Assert.True(runs[0].End > runs[1].Begin, "the first run did not outlive its lease");
            earliest = Math.Min(earliest, runs[1].Begin);
        }
        var after = Stopwatch.GetElapsedTime(leaseEnd, earliest);
        Assert.True(after > TimeSpan.FromMilliseconds(-20), $"a second run began {-after.TotalMilliseconds} ms before the first one's lease was over");
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lost.Count} runs lost; the first of them ran again {after.TotalSeconds:0.0} s after the end of the lease"));
    }

    /// <summary>What stands is the second run's, everywhere.</summary>
    private static async Task StandAsync(ProofWorld world, List<Guid> lost, Dictionary<Guid, Guid> dependants, ProcessNode victim)
    {
        await world.FinalAsync(dependants.Values);
        Assert.All(await world.JobsAsync(lost), job => Assert.Equal((2, 1, 1), (job.Attempt, job.Excused, job.Crashes)));
        Assert.All(await world.JobsAsync(dependants.Values), job => Assert.Equal((1, 0, 0), (job.Attempt, job.Excused, job.Crashes)));
        foreach (var job in lost.Take(3).Concat(lost.TakeLast(3)))
        {
            Assert.Equal("2", await world.ResultAsync(victim, job));
            Assert.Equal("4", await world.ResultAsync(victim, dependants[job]));
            // The node that came late remembers nothing of what it computed then.
            var args = (await world.Api(victim).GetAsync($"/jobs/{job:D}")).Body.GetProperty("args").GetRawText();
            var computed = await world.Api(victim).PostAsync("/compute/witness", args, ("Cache-Control", "only-if-cached"));
            Assert.True((int)computed.Status == 504, computed.ToString());
        }
    }
}
