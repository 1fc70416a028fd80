using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Nodes;

/// <summary>Nodes that die, and nodes that lose sight of the database.</summary>
public sealed class LostNodesTests() : MultiNodeTest("one", "two")
{
    private readonly string _key = Guid.NewGuid().ToString("N");

    // Short enough to wait for its end, and no shorter: nodes whose threads stand still for a third of it lose their jobs.
    protected override MultiNodeOptions Options => base.Options with { Lease = TimeSpan.FromSeconds(9), Services = ClusterTasks.Register };

    private ClusterTasks.Watch Watch => ClusterTasks.Of(_key);

    [Fact]
    public Task The_jobs_of_a_node_that_dies_run_on_another() => PlayAsync(async role =>
    {
        var (id, isMine) = await BeginAsync(role);
        if (!isMine)
        {
            await role.Cluster.KillAsync(role.Is("one") ? "two" : "one");
            var end = await role.Node.EndAsync(id);
            Assert.Equal((JobState.Succeeded, role.Name, 2, 1), (end.State, end.Node, end.Attempt, end.Crashes));
        }
        await role.EnterAsync("over");
    });

    [Fact]
    public Task A_node_cut_off_stops_what_it_runs_and_comes_back_as_another_incarnation() => PlayAsync(async role =>
    {
        var (id, isMine) = await BeginAsync(role);
        if (!isMine)
        {
            await role.EnterAsync("cut");
            Assert.Equal((JobState.Succeeded, role.Name), await EndOf(role, id));
            await role.EnterAsync("moved");
            await role.EnterAsync("back");
            return;
        }
        var before = role.Node.Cluster.Self.Incarnation;
        role.Node.Store.Cut();
        await role.EnterAsync("cut");
        await Watch.Stopped.Task.WaitAsync(role.Ct);
        Assert.False(role.Node.Cluster.Condition.Ready);
        await role.EnterAsync("moved");
        role.Node.Store.Mend();
        await Eventually.Is(() => role.Node.Cluster.Condition.Ready, "one takes work again");
        Assert.NotEqual(before, role.Node.Cluster.Self.Incarnation);
        var after = await role.Node.SubmitAsync(Jobs.Watched(_key));
        Assert.Equal(JobState.Succeeded, (await role.Node.EndAsync(after)).State);
        await role.EnterAsync("back");
    });

    [Fact]
    public Task A_frozen_line_is_taken_up_where_it_stood_when_it_thaws_in_time() => PlayAsync(async role =>
    {
        if (role.Is("one")) role.Node.Store.Freeze();
        await role.EnterAsync("frozen");
        if (role.Is("one"))
        {
            var submitting = role.Node.Jobs.SubmitAsync(Jobs.Watched(_key), role.Ct).AsTask();
            Assert.False(submitting.IsCompleted);
            role.Node.Store.Mend();
            var accepted = Assert.IsType<SubmitOutcome.Accepted>(await submitting);
            Assert.Equal(JobState.Succeeded, (await role.Node.EndAsync(accepted.Job.Row.Id)).State);
        }
        await role.EnterAsync("thawed");
    });

    /// <summary>Begins a job that its first run never ends. Which node takes it is up to them.</summary>
    private async Task<(JobId Id, bool IsMine)> BeginAsync(MultiNodeRole role)
    {
        if (role.Is("one")) await role.Node.SubmitAsync(Jobs.Of("stuck-once", $$"""{"key": "{{_key}}"}"""));
        await Watch.Began.Task.WaitAsync(role.Ct);
        var job = Assert.Single((await role.Node.Jobs.ListAsync(new JobQuery { Namespace = Jobs.Ours, Task = "stuck-once" }, role.Ct)).Rows);
        await role.EnterAsync("running");
        return (job.Row.Id, job.Row.Node == role.Name);
    }

    private static async Task<(JobState, string?)> EndOf(MultiNodeRole role, JobId id)
    {
        var end = await role.Node.EndAsync(id);
        return (end.State, end.Node);
    }
}

/// <summary>Without hints: what is polled for is enough.</summary>
public sealed class PollingNodesTests() : MultiNodeTest("submitter", "worker")
{
    protected override MultiNodeOptions Options => base.Options with
    {
        Hints = false,
        Poll = TimeSpan.FromMilliseconds(50),
        Lease = TimeSpan.FromSeconds(30),
        Services = ClusterTasks.Register,
        Configure = (role, options) =>
        {
            if (role == "submitter") options.Node.Roles = ["web"];
        },
    };

    [Fact]
    public Task Work_goes_round_without_any_hint() => PlayAsync(async role =>
    {
        if (role.Is("submitter"))
        {
            var id = await role.Node.SubmitAsync(Jobs.Watched("polled"));
            var end = await role.Node.EndAsync(id);
            Assert.Equal((JobState.Succeeded, "worker"), (end.State, end.Node));
        }
        await role.EnterAsync("over");
    });
}
