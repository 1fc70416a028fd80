using ActorPerf.Cluster;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Sends what is due, at least once, and writes what came of it.</summary>
/// <remarks>
/// State is the rows: what is under way here is only which of them, so a restart, of the actor or of the node, reads them again and at worst sends
/// some twice. Order: the store shows a delivery only when none before it of the same job and webhook is pending, and a delivery stops being pending
/// only when its outcome is durable. Bounded: at most so many requests at once, and so many to one host; a host that has its share is left out of the next look,
/// so that a slow one holds up nobody else. Nothing is called off when it stops: every request has its own end, and what comes back finds nobody.
/// </remarks>
internal sealed class WebhookSender : ReceiveActor, IWithTimers
{
    /// <summary>It looks at least so often, because timers do not hear of a clock that is set.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly WebhookParts _parts;
    private readonly WebhookCall _call;
    private readonly HashSet<long> _underWay = [];
    private readonly Dictionary<string, int> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private Action? _heard;
    private bool _looking;
    private bool _lookAgain;

    public WebhookSender(WebhookParts parts)
    {
        (_parts, _call) = (parts, new WebhookCall(parts));
        Receive<WebhookCommand.Look>(_ => Look());
        Receive<WebhookCommand.Found>(found => Found(found.Due));
        Receive<WebhookCommand.LookFailed>(LookFailed);
        Receive<FeedNews.Rows>(Heard);
        Receive<WebhookCommand.Sent>(Sent);
        Receive<WebhookCommand.NotSent>(NotSent);
        Receive<WebhookCommand.Write>(write => Write(write.Outcome));
        Receive<WebhookCommand.Written>(Written);
        Receive<WebhookCommand.NotWritten>(NotWritten);
        Receive<WebhookCommand.Release>(release => Release(release.Delivery));
        Receive<NodeNews.Leads>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private int Free => _parts.Options.Concurrency - _underWay.Count;

    protected override void PreStart()
    {
        var self = Self;
        Context.System.EventStream.Subscribe(self, typeof(NodeNews.Leads));
        Context.System.EventStream.Subscribe(self, typeof(FeedNews.Rows));
        _heard = () => self.Tell(WebhookCommand.Look.Instance, ActorRefs.NoSender);
        _parts.Store.Arrived += _heard;
        Look();
    }

    protected override void PostStop() => _parts.Store.Arrived -= _heard;

    private void Look()
    {
        if (_looking)
        {
            _lookAgain = true;
            return;
        }
        if (Free == 0 || !_parts.Leadership.Leads) return;        // the next one that ends looks, or this node once it leads
        (_looking, _lookAgain) = (true, false);
        string[] busy = [.. _hosts.Where(host => host.Value >= _parts.Options.PerHost).Select(host => host.Key)];
        // Those under way are still due for the store.
        _ = _parts.Store.ReadDueAsync(_parts.Time.GetUtcNow(), busy, Free + _underWay.Count, CancellationToken.None)
            .PipeTo(Self, success: due => new WebhookCommand.Found(due), failure: cause => new WebhookCommand.LookFailed(cause));
    }

    private void Found(DueDeliveries due)
    {
        _looking = false;
        var started = 0;
        foreach (var delivery in due.Items)
        {
            if (Free == 0) break;
            if (_underWay.Contains(delivery.Seq) || _hosts.GetValueOrDefault(delivery.Host) >= _parts.Options.PerHost) continue;
            Start(delivery);
            started++;
        }
        if (_lookAgain || (started > 0 && Free > 0)) Look();
        else Arm(due.NextDue);
    }

    private void Arm(DateTimeOffset? next)
    {
        var wait = next is { } at ? at - _parts.Time.GetUtcNow() : LongestWait;
        wait = wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait > LongestWait ? LongestWait : wait;
        Timers.StartSingleTimer(WebhookCommand.Look.Instance, WebhookCommand.Look.Instance, wait);
    }

    /// <summary>Other nodes' jobs moved, and may have written deliveries: looked at together, for most have not.</summary>
    private void Heard(FeedNews.Rows news)
    {
        if (!Timers.IsTimerActive(Pause) && news.All.Any(row => row.Kind == FeedKind.Job)) Timers.StartSingleTimer(Pause, WebhookCommand.Look.Instance, Pause);
    }

    private void LookFailed(WebhookCommand.LookFailed failed)
    {
        _looking = false;
        _parts.Log.LookFailed(failed.Cause, (long)Retry.TotalMilliseconds);
        Timers.StartSingleTimer(WebhookCommand.Look.Instance, WebhookCommand.Look.Instance, Retry);
    }

    private void Start(Delivery delivery)
    {
        _underWay.Add(delivery.Seq);
        _hosts[delivery.Host] = _hosts.GetValueOrDefault(delivery.Host) + 1;
        _ = _call.SendAsync(delivery, CancellationToken.None).PipeTo(
            Self, success: answer => new WebhookCommand.Sent(delivery, answer), failure: cause => new WebhookCommand.NotSent(delivery, cause));
    }

    private void Sent(WebhookCommand.Sent sent) => Write(DeliveryRules.Decide(sent.Delivery, sent.Answer, _parts.Time.GetUtcNow(), _parts.Random.NextDouble()));

    private void NotSent(WebhookCommand.NotSent failed)
    {
        _parts.Log.NotSent(failed.Cause, failed.Delivery.Id, failed.Delivery.Namespace.Name, failed.Delivery.Webhook, (long)Retry.TotalMilliseconds);
        Timers.StartSingleTimer(failed.Delivery.Seq, new WebhookCommand.Release(failed.Delivery), Retry);
    }

    private void Write(DeliveryOutcome outcome) => _ = _parts.Store.WriteAsync(outcome, CancellationToken.None).PipeTo(
        Self, success: () => new WebhookCommand.Written(outcome), failure: cause => new WebhookCommand.NotWritten(outcome, cause));

    private void NotWritten(WebhookCommand.NotWritten failed)
    {
        // The same again: a write that was durable all the same changes nothing the second time.
        _parts.Log.NotWritten(failed.Cause, failed.Outcome.After.Id, (long)Retry.TotalMilliseconds);
        Timers.StartSingleTimer(failed.Outcome.After.Seq, new WebhookCommand.Write(failed.Outcome), Retry);
    }

    private void Written(WebhookCommand.Written written)
    {
        var delivery = written.Outcome.After;
        if (written.Outcome.IsGone && delivery.Webhook != WebhookRow.Callback) _parts.Log.Gone(delivery.Namespace.Name, delivery.Webhook);
        else if (delivery.State == DeliveryState.Failed)
            _parts.Log.Failed(delivery.Id, delivery.Namespace.Name, delivery.Webhook, delivery.Attempts, delivery.Status, delivery.Error);
        Release(written.Outcome.Before);
    }

    private void Release(Delivery delivery)
    {
        if (!_underWay.Remove(delivery.Seq)) return;
        if (--_hosts[delivery.Host] == 0) _hosts.Remove(delivery.Host);
        Look();
    }
}
