using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Nodes;

/// <summary>Three nodes for the tests of a class: <c>web</c> takes jobs and runs none, <c>one</c> and <c>two</c> do both. They look by themselves so seldom that only hints help.</summary>
public sealed class Threesome : IAsyncLifetime
{
    public MultiNodeCluster Cluster { get; private set; } = null!;

    public TestNode Web => Cluster["web"];

    public TestNode One => Cluster["one"];

    public TestNode Two => Cluster["two"];

    public async ValueTask InitializeAsync() => Cluster = await MultiNodeCluster.StartAsync(
        new MultiNodeOptions
        {
            Names = ["one", "two", "web"],      // the last one has seen the others when it stands
            Poll = TimeSpan.FromMinutes(1),
            Lease = TimeSpan.FromSeconds(30),
            Services = ClusterTasks.Register,
            Configure = (name, options) =>
            {
                if (name == "web") options.Node.Roles = ["web"];
            },
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Cluster.VerifyAsync(CancellationToken.None);
        await Cluster.DisposeAsync();
    }
}

internal static class Jobs
{
    public static readonly Namespace Ours = Namespace.Default;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Submission Of(string task, string args) => new() { Namespace = Ours, Task = task, Args = Encoding.UTF8.GetBytes(args) };

    public static Submission Watched(string key, int ms = 0) => Of("watched", $$"""{"key": "{{key}}", "ms": {{ms}}}""");

    public static async Task<JobId> SubmitAsync(this TestNode node, Submission submission) =>
        Assert.IsType<SubmitOutcome.Accepted>(await node.Jobs.SubmitAsync(submission, Ct)).Job.Row.Id;

    /// <summary>The job when it has ended, as a waiter on this node hears of it.</summary>
    public static async Task<JobRow> EndAsync(this TestNode node, JobId id)
    {
        var job = await node.Jobs.WaitFinishedAsync(Ours, id, Patience, Ct);
        Assert.True(job is { Row.State.IsFinal: true }, $"{node.Name} has not heard of the end of {id}: it is {job?.Row.State}.\n{string.Join('\n', node.Log)}");
        return job!.Row;
    }

    /// <summary>Changes a queue's settings on one node; null takes them away.</summary>
    public static async Task SetAsync(this TestNode node, string queue, QueueChange? change)
    {
        var changing = (change is null ? node.Queues.ResetAsync(Ours, queue, Ct) : node.Queues.SetAsync(Ours, queue, change, Ct)).AsTask();
        await Task.WhenAny(changing, Task.Delay(Patience, Ct));
        Assert.True(changing.IsCompleted, $"{node.Name} has not changed {queue}.\n{string.Join('\n', node.Log)}");
        Assert.IsType<QueueOutcome.Done>(await changing);
    }

    /// <summary>Until the node has heard whether a queue is paused.</summary>
    public static async Task UntilPausedAsync(TestNode node, string queue, bool paused)
    {
        var since = TimeProvider.System.GetTimestamp();
        while ((await node.Queues.GetAsync(Ours, queue, Ct)).Paused != paused)
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"{node.Name} never heard that {queue} is {(paused ? "paused" : "no longer paused")}");
    }
}
