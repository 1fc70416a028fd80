using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Benchmarks.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long the jobs of a node that was killed stand still: until the last of them runs on another one.</summary>
internal sealed class Failover : IScenario
{
    private const int Each = 16;        // jobs that a node runs
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Name => "failover";

    public string Promises => "a node of two on PostgreSQL is killed with -9: from then until the last of its 16 jobs or more runs on the other one; within the lease and 10 s";

    public async Task RunAsync(Pace pace, Report report)
    {
        if (Environment.GetEnvironmentVariable(JobsPostgres.Variable) is not { Length: > 0 } connectionString)
        {
            report.Say($"left out: set {JobsPostgres.Variable} to the connection string of a database that may be written to");
            return;
        }
        foreach (var lease in pace.IsShort ? [3] : new[] { 3, 10, 30 })
        {
            var times = new List<double>();
            for (var round = 0; round < (pace.IsShort ? 1 : 3); round++) times.Add((await RoundAsync(connectionString, lease)).TotalSeconds);
            report.Add(new Figure(string.Create(CultureInfo.InvariantCulture, $"lease of {lease} s, from the kill to the last job running again"), Spread.Of(times), "s") { Promised = new Promise.Under(lease + 10) });
        }
    }

    private static async Task<TimeSpan> RoundAsync(string connectionString, int lease)
    {
        await JobsPostgres.DropAsync(connectionString);
        using var folder = new DataFolder();
        using var other = new DataFolder();
        await using var victim = await NodeProcess.StartAsync(folder.Path, Settings("victim", connectionString, lease, 2 * Each));
        using var first = new HttpClient { BaseAddress = victim.Node };
        await SubmitAsync(first);
        // A pool keeps some routees for computes. The victim has its share before there is anyone to share with.
        await RunningAsync(first, jobs => jobs.Count == Each);
        await using var heir = await NodeProcess.StartAsync(other.Path, Settings("heir", connectionString, lease, 3 * Each));
        using var client = new HttpClient { BaseAddress = heir.Node };
        await SubmitAsync(client);
        var lost = (await RunningAsync(client, jobs => jobs.Count == 2 * Each)).Where(job => job.Node == "victim").Select(job => job.Id).ToHashSet();
        if (lost.Count < Each) throw new InvalidOperationException($"The node that is to be killed runs {lost.Count} jobs and not {Each}.");
        victim.Kill();
        var killed = Stopwatch.GetTimestamp();
        await RunningAsync(client, jobs => jobs.Count(job => lost.Contains(job.Id) && job.Node == "heir") == lost.Count);
        var took = Stopwatch.GetElapsedTime(killed);
        heir.Kill();        // a stop would wait for what it runs
        return took;
    }

    private static async Task SubmitAsync(HttpClient client)
    {
        for (var i = 0; i < Each; i++)
        {
            using var answer = await client.PostAsJsonAsync("/api/v1/jobs", new { task = HoldTask.Name });
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The running jobs, once they are as they should be.</summary>
    private static async Task<List<(string Id, string Node)>> RunningAsync(HttpClient client, Func<List<(string Id, string Node)>, bool> enough)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience; await Task.Delay(Look))
        {
            var page = await client.GetFromJsonAsync<JsonElement>("/api/v1/jobs?state=running&limit=100");
            var jobs = page.GetProperty("items").EnumerateArray().Select(job => (job.GetProperty("id").GetString()!, job.GetProperty("node").GetString()!)).ToList();
            if (enough(jobs)) return jobs;
        }
        throw new TimeoutException($"The jobs did not run as they should within {Patience}.");
    }

    private static string Settings(string name, string connectionString, int lease, int routees) => string.Create(CultureInfo.InvariantCulture, $$"""
        actorperf {
          node.name = {{name}}
          cluster.lease = {{lease}}s
          storage { provider = postgresql, connection-string = "{{connectionString}}" }
        }
        akka.actor.deployment { /compute/hold { router = smallest-mailbox-pool, nr-of-instances = {{routees}} } }
        """);
}
