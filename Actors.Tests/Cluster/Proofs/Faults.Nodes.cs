using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>What happens to nodes.</content>
internal static partial class Faults
{
    /// <summary>Each job runs once, on whichever of the nodes that all want it.</summary>
    private static async Task ClaimsAtOnceAsync(ProofWorld world)
    {
        var lines = Enumerable.Range(0, 200).Select(_ => Load.Witnessed($$"""{"ms":20,"key":"{{Guid.NewGuid():N}}"}""")).ToList();
        await Task.WhenAll(lines.Chunk(70).Select((part, n) => new Load(world.Cluster).SendAsync(part, n, Ct)));
        var ids = lines.Select(line => line.Id).ToHashSet();
        await world.FinalAsync(ids);
        var runs = world.Runs().Where(run => ids.Contains(run.Job)).ToList();
        Assert.Equal(ids.Count, runs.Count);
        Assert.Equal(ids, runs.Select(run => run.Job).ToHashSet());
        Assert.All(runs, run => Assert.Equal(1, run.Attempt));
        Assert.True(runs.Select(run => run.Process).Distinct().Count() > 1, "one node ran them all");
    }

    /// <summary>It fails when it has cost four nodes, and everything else goes on.</summary>
    private static async Task PoisonAsync(ProofWorld world)
    {
        var poison = Load.Line("witness", $$"""{"deadly":true,"key":"{{Guid.NewGuid():N}}"}""", ",\"maxAttempts\":50");
        await new Load(world.Cluster).SendAsync([poison], 0, Ct);
        await world.Ledger.UntilAsync("it is given up", async () =>
        {
            foreach (var dead in world.Nodes.Where(node => node.Program.HasExited)) await dead.LaunchAsync();
            return (await world.JobsAsync([poison.Id]))[0].State.ToString() == "Failed";
        });
        Assert.Equal("crash-budget", await world.Ledger.AskAsync<string>("SELECT error_type FROM actorperf.job WHERE id = @id", ("id", poison.Id)));
        Assert.Equal(4, world.Runs().Count(run => run.Job == poison.Id));
        Assert.Equal(4, (await world.JobsAsync([poison.Id]))[0].Crashes);
    }

    /// <summary>A node that is told to stop ends what ends soon and hands back the rest uncharged; nothing runs twice.</summary>
    private static async Task StopAsync(ProofWorld world)
    {
        var jobs = await world.BeginAsync(world.Nodes[0], 40, """{"ms":1500,"key":"KEY"}""");
        Assert.Equal(0, await world.Nodes[0].StopAsync());
        await world.FinalAsync(jobs);
        Assert.All(await world.JobsAsync(jobs), job => Assert.Equal((1, 0), (job.Attempt - job.Excused, job.Crashes)));
        NoOverlap(world, jobs, static _ => long.MaxValue);
    }

    /// <summary>Cancels and ends race over the nodes: what was answered as cancelled never succeeds, and no code goes on.</summary>
    private static async Task CancelsAsync(ProofWorld world)
    {
        var running = await world.BeginAsync(world.Nodes[0], 12, """{"ms":60000,"key":"KEY"}""");
        var racing = Enumerable.Range(0, 60).Select(_ => Load.Witnessed($$"""{"ms":30,"key":"{{Guid.NewGuid():N}}"}""")).ToList();
        await new Load(world.Cluster).SendAsync(racing, 1, Ct);
        var cancelled = new List<Guid>();
        foreach (var (id, i) in running.Concat(racing.Select(line => line.Id)).Select((id, i) => (id, i)))
        {
            var reply = await world.Api(world.Nodes[i % 3]).PostAsync($"/jobs/{id:D}/cancel", "");
            Assert.True(reply.Status is HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.Conflict, reply.ToString());
            if (reply.Status != HttpStatusCode.Conflict && reply.Text("state") == "cancelled") cancelled.Add(id);
        }
        await world.Ledger.UntilAsync("all are final", async () => (await world.JobsAsync([.. running, .. racing.Select(line => line.Id)])).TrueForAll(job => job.State >= JobState.Succeeded));
        Assert.All(await world.JobsAsync([.. cancelled, .. running]), job => Assert.Equal(JobState.Cancelled, job.State));
        await world.Ledger.UntilAsync("their code has ended", () => Task.FromResult(world.Runs().Where(run => running.Contains(run.Job)).All(run => run.End is not null)));
    }

    /// <summary>A dependant starts once, when both have ended, wherever they did; a parent that one node took is known to the others at once.</summary>
    private static async Task ParentsAsync(ProofWorld world)
    {
        var load = new Load(world.Cluster);
        var pairs = Enumerable.Range(0, 30).Select(_ => (Left: Load.Witnessed($$"""{"ms":100,"key":"{{Guid.NewGuid():N}}"}"""), Right: Load.Witnessed($$"""{"ms":100,"key":"{{Guid.NewGuid():N}}"}"""))).ToList();
        await load.SendAsync([.. pairs.SelectMany(pair => new[] { pair.Left, pair.Right })], 0, Ct);
        var children = pairs.Select(pair => Load.Line("square", """{"n":3}""", $$""","dependsOn":["{{pair.Left.Id:D}}","{{pair.Right.Id:D}}"]""")).ToList();
        await load.SendAsync(children, 1, Ct);
        await world.FinalAsync([.. children.Select(child => child.Id)]);
        Assert.All(await world.JobsAsync([.. children.Select(child => child.Id)]), job => Assert.Equal(1, job.Attempt));
        foreach (var (child, pair) in children.Zip(pairs))
        {
            Assert.True(await world.Ledger.AskAsync<bool>(
                "SELECT (SELECT started_at FROM actorperf.job WHERE id = @child) >= (SELECT max(finished_at) FROM actorperf.job WHERE id = ANY (@parents))",
                ("child", child.Id), ("parents", new[] { pair.Left.Id, pair.Right.Id })), "a dependant began before a parent had ended");
        }
        var unknown = await world.Api(world.Nodes[2]).PostAsync("/jobs", $$"""{"task":"square","args":{"n":1},"dependsOn":["{{Guid.NewGuid():D}}"]}""");
        Assert.True((int)unknown.Status is >= 400 and < 500, unknown.ToString());
    }

    /// <summary>Whoever sends again gets the one job, or makes it.</summary>
    private static async Task KilledInSubmitAsync(ProofWorld world)
    {
        var armed = new Dictionary<ProcessNode, string> { [world.Nodes[1]] = CrashPoints.SubmitBeforeCommit, [world.Nodes[2]] = CrashPoints.SubmitCommitted };
        await ArmAsync(armed);
        foreach (var (node, point) in armed)
        {
            var (id, json) = Load.Square(11);
            var unanswered = await Record.ExceptionAsync(() => world.Api(node).PostAsync("/jobs", json));
            Assert.IsType<HttpRequestException>(unanswered, exactMatch: false);
            Assert.Equal(128 + 9, await node.Program.ExitAsync());
            var again = await world.Api(world.Nodes[0]).PostAsync("/jobs", json);
            Assert.Equal(point == CrashPoints.SubmitCommitted ? HttpStatusCode.OK : HttpStatusCode.Accepted, again.Status);
            await world.FinalAsync([id]);
            Assert.Equal(1, await world.Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE id = @id", ("id", id)));
        }
    }

    /// <summary>Its jobs run elsewhere within the lease and ten seconds.</summary>
    private static async Task KilledInRunAsync(ProofWorld world)
    {
        var child = Load.Line("child", "{}");
        await new Load(world.Cluster).SendAsync([child], 1, Ct);
        await world.Ledger.UntilAsync("the child runs", async () => (await world.JobsAsync([child.Id]))[0].Node != "" && File.Exists(world.ChildFile));
        var victim = world.Cluster[(await world.JobsAsync([child.Id]))[0].Node];
        await world.Ledger.UntilAsync("the child has said who it is", async () => (await File.ReadAllTextAsync(world.ChildFile)).EndsWith('\n'));
        var pid = int.Parse(await File.ReadAllTextAsync(world.ChildFile), CultureInfo.InvariantCulture);
        var jobs = await world.BeginAsync(victim, 24, """{"firstMs":30000,"key":"KEY"}""");
        var lost = world.RunBy(victim, jobs);

        await victim.KillAsync();
        var (killed, monotonic) = (await world.Ledger.NowAsync(), Stopwatch.GetTimestamp());
        await world.Ledger.UntilAsync("what was lost runs again", async () => (await world.JobsAsync(lost)).TrueForAll(job => job.Attempt == 2), ProofWorld.Lease + TimeSpan.FromSeconds(10));
        Assert.All(await world.JobsAsync(lost), job => Assert.Equal((2, 1, 1), (job.Attempt, job.Excused, job.Crashes)));
        Assert.True(await world.Ledger.AskAsync<long>("SELECT max(started_at) FROM actorperf.job WHERE id = ANY (@lost)", ("lost", lost.ToArray())) <= killed + ((ProofWorld.Lease + TimeSpan.FromSeconds(10)).Ticks / 10));
        NoOverlap(world, lost, run => run.Process == victim.Program.Id ? monotonic : long.MaxValue);
        // What a killed node leaves running its next life ends, before it takes work.
        var process = victim.Program.Id;
        await victim.StartAsync(Ct);
        await world.Ledger.UntilAsync($"the child {pid} of process {process} has ended", () => Task.FromResult(!Lives(pid)), TimeSpan.FromSeconds(20));
        foreach (var job in jobs.Except(lost).Append(child.Id)) await world.Api(world.Nodes.First(node => node != victim)).PostAsync($"/jobs/{job:D}/cancel", "");
    }

    /// <summary>One that has ended and that nobody has asked for yet stands in the table of processes all the same.</summary>
    private static bool Lives(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>One more execution, and one end.</summary>
    private static async Task KilledBeforeResultAsync(ProofWorld world)
    {
        var armed = new Dictionary<ProcessNode, string> { [world.Nodes[1]] = CrashPoints.RunEnded, [world.Nodes[2]] = CrashPoints.FinishBeforeCommit };
        await ArmAsync(armed);
        var ids = new List<Guid>();
        await world.Ledger.UntilAsync("both have died with an end in their hands", async () =>
        {
            var lines = Enumerable.Range(0, 10).Select(_ => Load.Witnessed($$"""{"ms":100,"key":"{{Guid.NewGuid():N}}"}""")).ToList();
            await new Load(world.Cluster).SendAsync(lines, ids.Count, Ct);
            ids.AddRange(lines.Select(line => line.Id));
            return armed.Keys.All(node => node.Program.HasExited);
        });
        await world.FinalAsync(ids);
        var runs = world.Runs().Where(run => ids.Contains(run.Job)).ToLookup(run => run.Job);
        Assert.All(await world.JobsAsync(ids), job => Assert.True(runs[job.Id].Count() <= job.Attempt && job.Crashes == job.Attempt - 1, $"{job}"));
        // Both had an end that nobody was told of.
        Assert.True(ids.Sum(id => runs[id].Count() - 1) >= 2, "no code ran twice");
    }

    /// <summary>The next leader takes up what the one before left in the middle; no run is lost twice, no tick doubled.</summary>
    private static async Task KilledAtDutyAsync(ProofWorld world)
    {
        var leader = await world.LeaderAsync() ?? throw new InvalidOperationException("Nobody leads.");
        var others = world.Nodes.Where(node => node != leader).ToList();
        await ArmAsync(new() { [others[0]] = CrashPoints.ReapSelected + ":2", [others[1]] = CrashPoints.ScheduleSubmitted });
        var put = await world.Api(leader).SendAsync(HttpMethod.Put, "/schedules/duty", new StringContent(
            """{"cron":"*/2 * * * * *","task":"square","args":{"n":5},"overlap":"queue","misfire":"all"}""", Encoding.UTF8, "application/json"));
        Assert.True(put.Status is HttpStatusCode.Created or HttpStatusCode.OK, put.ToString());
        var jobs = await world.BeginAsync(leader, 24, """{"firstMs":8000,"key":"KEY"}""");
        await leader.KillAsync();
        await leader.LaunchAsync();
        // Each dies at its duty as soon as it leads; one that does not come to lead is as whole as before.
        await world.Ledger.UntilAsync("one of them has died at its duty", () => Task.FromResult(others.Exists(node => node.Program.HasExited)));
        foreach (var dead in others.Where(node => node.Program.HasExited)) await dead.LaunchAsync();
        await world.FinalAsync(jobs);
        Assert.All(await world.JobsAsync(jobs), job => Assert.Equal(job.Attempt - 1, job.Crashes));
        await world.Ledger.UntilAsync("it ticks", async () => await world.Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE schedule = 'duty'") > 3);
        foreach (var node in others.Where(node => node.Program.HasExited)) await node.LaunchAsync();
        await leader.ReadyAsync(Ct);
        Assert.Equal(HttpStatusCode.NoContent, (await world.Api(leader).SendAsync(HttpMethod.Delete, "/schedules/duty", null)).Status);
        await new Ticks(world.Ledger, "duty", seconds: 2).CheckAsync();
        // Whoever still waits at its place is started anew, as it is for the next fault.
        foreach (var node in others.Where(node => !node.Program.HasExited)) await node.KillAsync();
    }

    /// <summary>The next one makes them.</summary>
    private static async Task KilledInMigrationAsync(ProofWorld world)
    {
        var options = world.Cluster.Options with { ConnectionString = await world.Server.CreateDatabaseAsync(), Names = [] };
        await using var cluster = await ProcessCluster.StartAsync(options, Ct);
        var node = cluster.Add("first");
        node.CrashAt = CrashPoints.MigrationBeforeCommit;
        await node.LaunchAsync();
        Assert.Equal(128 + 9, await node.Program.ExitAsync());
        await Task.WhenAll(node.StartAsync(Ct), cluster.Add("second").StartAsync(Ct));
        await cluster.VerifyAsync(Ct);
    }

    /// <summary>What runs elsewhere begins only after the lease; what came back in time goes on.</summary>
    private static async Task PausedAsync(ProofWorld world, double leases)
    {
        var victim = world.Nodes[1];
        var before = await world.IncarnationAsync(victim);
        var jobs = await world.BeginAsync(victim, 24, """{"firstMs":2500,"key":"KEY"}""");
        await victim.FreezeAsync();
        var leaseEnd = await world.LeaseEndAsync(before);
        await Task.Delay(leases * ProofWorld.Lease, Ct);
        await victim.ThawAsync();
        await world.FinalAsync(jobs);
        foreach (var run in world.Runs().Where(run => jobs.Contains(run.Job) && run.Attempt > 1))
        {
            // The one before it whose code began: what was claimed and handed back at once has no run.
            var first = world.Runs().Where(other => other.Job == run.Job && other.Attempt < run.Attempt).OrderBy(other => other.Attempt).Last();
            Assert.True(run.Begin >= Math.Min(first.End ?? long.MaxValue, leaseEnd - (Stopwatch.Frequency / 50)), $"{run} began while {first} had its lease");
        }
        Assert.All(await world.JobsAsync(jobs), job => Assert.True(job.Attempt - job.Excused == 1, $"{job}"));
    }

    /// <summary>They live anew, to die at a place each.</summary>
    private static Task ArmAsync(Dictionary<ProcessNode, string> points) => Task.WhenAll(points.Select(async point =>
    {
        await point.Key.StopAsync();
        point.Key.CrashAt = point.Value;
        await point.Key.StartAsync(Ct);
    }));
}
