using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>What the sender of webhooks works with.</summary>
internal sealed class WebhookParts
{
    public required IWebhookStore Store { get; init; }

    /// <summary>A job as anybody outside may see it; null where there is none.</summary>
    public required Func<Namespace, JobId, CancellationToken, ValueTask<Job?>> ReadJob { get; init; }

    public required IWebhookPost Post { get; init; }
    public required WebhookOptions Options { get; init; }
    public required TimeProvider Time { get; init; }

    /// <summary>Of pauses; the sender's alone.</summary>
    public required Random Random { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Only the leader sends.</summary>
    public ILeadership Leadership { get; init; } = Cluster.Leadership.Always;

    /// <summary>Counts and traces what is sent; null: nobody does.</summary>
    public RouteMeter? Meter { get; init; }

    /// <summary>Where the node's API is, without a slash at its end.</summary>
    public string Address { get; init; } = "";
}
