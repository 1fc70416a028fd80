namespace ActorPerf.Tests.Processes;

/// <summary>Tests with processes: one after the other and beside no others, for what they time and load is the machine.</summary>
[CollectionDefinition(nameof(ProcessCollection), DisableParallelization = true)]
public sealed class ProcessCollection : ICollectionFixture<SharedNode>;

/// <summary>A node for the tests that neither stop it nor count what it holds; those that count take a namespace of their own.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    private NodeProcess? _node;

    internal NodeProcess Node => _node ?? throw new InvalidOperationException("The node was not started.");

    internal NodeApi Api => Node.Api;

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows()) return;
        _node = await NodeProcess.StartAsync(NodeProcess.Pools + """
            akka.cluster { seed-nodes = ["akka.tcp://actorperf@10.0.0.1:4053"], min-nr-of-members = 3 }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is null) return;
        await using (_node) await _node.Api.VerifyAsync();        // whatever the tests did to it
    }
}
