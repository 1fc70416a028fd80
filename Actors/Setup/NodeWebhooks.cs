using ActorPerf.Cluster;
using ActorPerf.Configuration;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tracing;

namespace ActorPerf.Setup;

/// <summary>The actor that tells others of jobs.</summary>
internal static class NodeWebhooks
{
    private const int OwnSequence = 0x2545f491;

    public static WebhookPost Start(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs, NodeMembership membership, WebhookAddresses addresses)
    {
        var options = start.Options.Webhooks;
        var post = new WebhookPost(options, addresses, start.Time);
        var parts = new WebhookParts
        {
            Store = storage.Webhooks,
            ReadJob = jobs.GetAsync,
            Post = post,
            Options = options,
            Time = start.Time,
            Random = new Random(start.Seed ^ OwnSequence),
            Log = start.Logs.CreateLogger("ActorPerf.Webhooks"),
            // Where a delivery belongs to the node that read it as due, every node may send.
            Leadership = storage is PostgresStorage ? Leadership.Always : NodeJobs.Duties(membership),
            Address = start.Address.TrimEnd('/'),
            Meter = start.Traces?.Route(CallKind.Webhook, "webhook"),
        };
        system.ActorOf(Props.Create(() => new WebhookSender(parts)), "webhooks");
        return post;
    }
}
