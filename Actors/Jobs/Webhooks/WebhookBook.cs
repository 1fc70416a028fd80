using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>The webhooks of all namespaces in memory, as the transaction under way sees them, so that a move asks no table. Belongs to the store's writer.</summary>
internal sealed class WebhookBook
{
    private readonly Dictionary<Namespace, Dictionary<string, Entry>> _entries = [];
    private int _told;      // those that want to hear anything

    /// <summary>Whether a move is to be shown to <see cref="Deliveries"/>; all that jobs without webhooks pay.</summary>
    public bool Concerns(JobRow next) => next.Callback is not null || _told > 0;

    public void Clear()
    {
        _entries.Clear();
        _told = 0;
    }

    public WebhookRow? Find(Namespace ns, string name) => _entries.GetValueOrDefault(ns)?.GetValueOrDefault(name)?.Row;

    public int CountOf(Namespace ns) => _entries.TryGetValue(ns, out var entries) ? entries.Count - (entries.ContainsKey(WebhookRow.Callback) ? 1 : 0) : 0;

    public IEnumerable<WebhookRow> Of(Namespace ns) => _entries.TryGetValue(ns, out var entries) ? entries.Values.Select(entry => entry.Row) : [];

    public void Put(WebhookRow row)
    {
        Remove(row.Namespace, row.Name);
        // A query that is stored was read when it was put; should a later version read less, the webhook hears nothing rather than everything.
        var matcher = row.Gone || row.Name == WebhookRow.Callback || !WebhookFilter.TryParse(row.Query, out var read, out _) ? null : read;
        if (!_entries.TryGetValue(row.Namespace, out var entries)) _entries.Add(row.Namespace, entries = new(StringComparer.Ordinal));
        entries.Add(row.Name, new Entry(row, matcher));
        if (matcher is not null) _told++;
    }

    public void Remove(Namespace ns, string name)
    {
        if (_entries.TryGetValue(ns, out var entries) && entries.Remove(name, out var entry) && entry.Matcher is not null) _told--;
    }

    /// <summary>What a move is told to, in order of name, the callback first.</summary>
    /// <param name="random">Of the deliveries' ids.</param>
    public IReadOnlyList<Delivery> Deliveries(JobRow was, JobRow next, DateTimeOffset now, Random random)
    {
        if (was.State == next.State) return [];
        List<Delivery>? told = null;
        if (next is { Callback: { } callback, State.IsFinal: true })
            (told ??= []).Add(DeliveryRules.Of(next, WebhookRow.Callback, callback, Run.NewLease(random), now));
        if (_told > 0 && _entries.TryGetValue(next.Namespace, out var entries))
        {
            foreach (var (row, matcher) in entries.Values)
                if (matcher is not null && row.Events.Contains(next.State) && matcher.Matches(next))
                    (told ??= []).Add(DeliveryRules.Of(next, row.Name, row.Url, Run.NewLease(random), now));
        }
        return told ?? [];
    }

    private sealed record Entry(WebhookRow Row, IJobMatcher? Matcher);
}
