using ActorPerf.Cluster;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Storage.PostgreSql;

namespace ActorPerf.Tests.Processes;

/// <summary>Kills in the middle of a transaction on a server that the faults of the cluster do not come to.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class PostgresCrashTests
{
    private const string Witness = "0198a1b2-0000-7000-8000-000000000001";

    [PostgresFact]
    public async Task A_kill_while_a_checkpoint_is_written_lets_the_job_run_again()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cluster = await ProcessCluster.StartAsync(new ProcessOptions { ConnectionString = await PostgresServer.NewMigratedAsync(), Names = [] }, ct);
        var node = cluster.Add("one");
        using var api = new NodeApi(node.Url);
        // At the second one, a second later: the first, at once, is durable, and the next run begins behind it.
        node.CrashAt = CrashPoints.CheckpointBeforeCommit + ":2";
        await node.StartAsync(ct);
        await api.SubmitAsync($$$"""{"id":"{{{Witness}}}","task":"progress","args":{"steps":160,"delay":"25ms"},"backoff":{"initial":"50ms"}}""");
        Assert.Equal(128 + 9, await node.Program.ExitAsync());

        await node.StartAsync(ct);
        var job = await api.ReachesAsync(Witness, "succeeded");
        Assert.Equal((2, 1, 160), (job.Number("attempt"), job.Number("crashes"), job.Number("result")));
        await cluster.VerifyAsync(ct);
    }
}
