using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Processes;
using ActorPerf.Tests.Storage.PostgreSql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Three nodes for several proofs: each finds them whole, and leaves them for the next to make whole.</summary>
internal sealed class ProofWorld : IAsyncDisposable
{
    /// <summary>Of its nodes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private const string Hocon = """
        akka.actor.deployment {
          /compute/default { router = smallest-mailbox-pool, nr-of-instances = 8 }
          /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 32 }
          /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 2 }
        }
        actorperf.cluster.long-transaction = 2s
        actorperf.tasks.witness { queue = io, memoize = 1h }
        actorperf.tasks.child { queue = io, command = [sh, "-c", "echo $$ > $CHILD_FILE; exec sleep 600"], environment { CHILD_FILE = "CHILD" } }
        """;

    private readonly Dictionary<string, NodeApi> _apis = [];

    private ProofWorld(PostgresServer server, ProcessCluster cluster, string childFile) =>
        (Server, Cluster, ChildFile, Ledger) = (server, cluster, childFile, new Ledger(cluster.Options.ConnectionString));

    /// <summary>Where the process of the task <c>child</c> says its id.</summary>
    public string ChildFile { get; }

    public PostgresServer Server { get; }

    public ProcessCluster Cluster { get; }

    public Ledger Ledger { get; }

    public IReadOnlyList<ProcessNode> Nodes => Cluster.Nodes;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ProofWorld> StartAsync(PostgresServer server, Func<ProcessOptions, ProcessOptions>? change = null)
    {
        var child = Path.Combine(Path.GetTempPath(), $"actorperf-child-{Guid.NewGuid():N}");
        var options = new ProcessOptions { ConnectionString = await server.CreateDatabaseAsync(), Lease = Lease, Hocon = Hocon.Replace("CHILD\"", child + "\"", StringComparison.Ordinal) };
        return new ProofWorld(server, await ProcessCluster.StartAsync(change?.Invoke(options) ?? options, Ct), child);
    }

    public NodeApi Api(ProcessNode node) => _apis.TryGetValue(node.Name, out var api) ? api : _apis[node.Name] = new NodeApi(node.Url);

    /// <summary>Whatever was done to them: every node runs, sees the database, and takes work.</summary>
    public async Task MakeWholeAsync()
    {
        foreach (var node in Nodes)
        {
            node.Database.Mend();
            if (!node.Program.HasExited) await node.ThawAsync();
        }
        await Task.WhenAll(Nodes.Where(node => node.Program.HasExited).Select(node => node.LaunchAsync()));
        foreach (var node in Nodes) await node.ReadyAsync(Ct);
        // All of them are up in each other's eyes, and one leads.
        await Ledger.UntilAsync("all members are up", async () => await Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.member WHERE status = 'up'") == Nodes.Count);
        await Ledger.UntilAsync("one leads", async () => await LeaderAsync() is not null);
    }

    /// <summary>Runs a proof; where it fails, the nodes' logs are kept.</summary>
    public async Task ProveAsync(ITestOutputHelper output, Func<Task> proof)
    {
        var since = Stopwatch.StartNew();
        try
        {
            await proof();
            await MakeWholeAsync();
            await Ledger.UntilAsync("every job is final", async () => await Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE state < 10 AND schedule IS NULL") == 0);
            await new Audit(Ledger).CheckStoriesAsync();
            await Cluster.VerifyAsync(Ct);
        }
        catch
        {
            output.WriteLine($"Logs are kept in {Cluster.KeepLogs()}.");
            throw;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{since.Elapsed.TotalSeconds:0.0} s"));
    }

    /// <summary>Null where none of the living leads right now.</summary>
    public async Task<ProcessNode?> LeaderAsync()
    {
        var names = await Ledger.ReadAsync("SELECT m.name FROM actorperf.leader l JOIN actorperf.member m ON m.incarnation = l.incarnation AND m.status = 'up'", row => row.GetString(0));
        return names is [var name] ? Cluster[name] : null;
    }

    public Task<Guid> IncarnationAsync(ProcessNode node) => Ledger.AskAsync<Guid>("SELECT incarnation FROM actorperf.member WHERE name = @name", ("name", node.Name));

    /// <summary>When the lease of a node's incarnation ends as of now, on this machine's monotonic clock (<see cref="Stopwatch"/>).</summary>
    public async Task<long> LeaseEndAsync(Guid incarnation)
    {
        var asked = Stopwatch.GetTimestamp();
        var left = await Ledger.AskAsync<long>(
            "SELECT coalesce(max(lease_until) - (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, -1000000000) FROM actorperf.member WHERE incarnation = @incarnation", ("incarnation", incarnation));
        return asked + (long)(left / 1e6 * Stopwatch.Frequency);
    }

    /// <summary>Submits jobs of the task <c>witness</c> through a node, and waits until code of all of them runs.</summary>
    public Task<List<Guid>> BeginAsync(ProcessNode through, int count, string args) => BeginAsync(through, count, _ => args);

    /// <param name="args">Of each; <c>KEY</c> becomes one that no other has.</param>
    public async Task<List<Guid>> BeginAsync(ProcessNode through, int count, Func<int, string> args)
    {
        var load = new Load(Cluster);
        var lines = Enumerable.Range(0, count).Select(n => Load.Witnessed(args(n).Replace("KEY", Guid.NewGuid().ToString("N"), StringComparison.Ordinal))).ToList();
        await load.SendAsync(lines, Nodes.ToList().IndexOf(through), Ct);
        var ids = lines.Select(line => line.Id).ToList();
        await Ledger.UntilAsync("all of them run", () => Task.FromResult(ids.ToHashSet().IsSubsetOf(Runs().Select(run => run.Job))));
        return ids;
    }

    public IReadOnlyList<WitnessedRun> Runs() => Witness.Read(Cluster.WitnessFolder);

    /// <summary>Those of some jobs that a process runs.</summary>
    public List<Guid> RunBy(ProcessNode node, IEnumerable<Guid> jobs)
    {
        var wanted = jobs.ToHashSet();
        return [.. Runs().Where(run => run.Process == node.Program.Id && wanted.Contains(run.Job)).Select(run => run.Job).Distinct()];
    }

    public async Task FinalAsync(IReadOnlyCollection<Guid> jobs, TimeSpan? patience = null)
    {
        try
        {
            await Ledger.UntilAsync(
                $"{jobs.Count} jobs succeeded",
                async () => await Ledger.AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE id = ANY (@ids) AND state = 10", ("ids", jobs.ToArray())) == jobs.Count, patience);
        }
        catch (Xunit.Sdk.XunitException late)
        {
            var found = await JobsAsync(jobs);
            Assert.Fail($"{late.Message}; {found.Count} are there, and of them did not: {string.Join("; ", found.Where(job => job.State != JobState.Succeeded).Take(20))}");
        }
    }

    public Task<List<(Guid Id, JobState State, int Attempt, int Excused, int Crashes, string Node)>> JobsAsync(IReadOnlyCollection<Guid> ids) => Ledger.ReadAsync(
        "SELECT id, state, attempt, excused, crashes, coalesce(node, '') FROM actorperf.job WHERE id = ANY (@ids)",
        row => (row.GetGuid(0), (JobState)row.GetInt16(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5)), ("ids", ids.ToArray()));

    /// <summary>The result of a job that succeeded.</summary>
    public async Task<string> ResultAsync(ProcessNode node, Guid job)
    {
        var reply = await Api(node).GetAsync($"/jobs/{job:D}");
        return reply.Body.TryGetProperty("result", out var result) && result.ValueKind != JsonValueKind.Null ? result.GetRawText() : reply.ToString();
    }

    /// <summary>That many trivial jobs go through, whoever runs them: the cluster works.</summary>
    public async Task<TimeSpan> WorkAsync(int count, int first = 0)
    {
        var since = Stopwatch.StartNew();
        var load = new Load(Cluster);
        var lines = Enumerable.Range(0, count).Select(n => Load.Square(n)).ToList();
        await load.SendAsync(lines, first, Ct);
        await FinalAsync([.. lines.Select(line => line.Id)]);
        return since.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis.Values) api.Dispose();
        await Cluster.DisposeAsync();
        File.Delete(ChildFile);
    }
}
