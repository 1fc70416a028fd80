using System.Collections.Concurrent;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Tasks.Fetching;

namespace ActorPerf.Tests.Cluster.Nodes;

/// <summary>A webhook that one node was told of, and jobs that run on others.</summary>
public sealed class WebhooksAcrossNodesTests() : MultiNodeTest("one", "two", "web"), IAsyncLifetime
{
    private readonly PlainServer _receiver = new();
    private readonly ConcurrentQueue<string> _told = new();

    protected override MultiNodeOptions Options => base.Options with
    {
        Lease = TimeSpan.FromSeconds(30),
        Services = ClusterTasks.Register,
        Configure = (name, options) =>
        {
            options.Webhooks.Allow = [_receiver.Url];
            if (name == "web") options.Node.Roles = ["web"];
        },
    };

    public ValueTask InitializeAsync()
    {
        _receiver.Answer = request =>
        {
            _told.Enqueue(request);
            return "HTTP/1.1 204 No Content\r\n\r\n";
        };
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public Task A_webhook_put_on_one_node_is_told_once_of_each_job_that_runs_on_others() => PlayAsync(async role =>
    {
        if (role.Is("web")) Assert.IsType<WebhookReply.Done>(await role.Node.Webhooks.PutAsync(Jobs.Ours, "ends", new WebhookDefinition { Url = _receiver.Url }, role.Ct));
        await role.EnterAsync("put");
        var id = await role.Node.SubmitAsync(Jobs.Watched($"told {role.Name}", 5));
        Assert.Contains((await role.Node.EndAsync(id)).Node, (string[])["one", "two"]);
        await Eventually.Is(() => _told.Any(request => request.Contains(id.ToString(), StringComparison.Ordinal)), $"the end of {id} is told");
        await role.EnterAsync("told");
        Assert.Single(_told, request => request.Contains(id.ToString(), StringComparison.Ordinal));
    });
}
