using System.Collections.Frozen;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>The webhooks of all namespaces in memory, as the transaction under way sees them, so that a move asks no table. Belongs to the store's writer.</summary>
internal sealed class WebhookBook
{
    // A query that asks for what a task keeps secret was refused when it was put.
    private static readonly FrozenSet<(string, string)> NothingHidden = [];

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
        var filter = row.Gone || row.Name == WebhookRow.Callback || !FilterText.TryParse(row.Query, out var read, out _) ? null : read;
        if (!_entries.TryGetValue(row.Namespace, out var entries)) _entries.Add(row.Namespace, entries = new(StringComparer.Ordinal));
        entries.Add(row.Name, new Entry(row, filter, filter?.AsksArguments() == true));
        if (filter is not null) _told++;
    }

    public void Remove(Namespace ns, string name)
    {
        if (_entries.TryGetValue(ns, out var entries) && entries.Remove(name, out var entry) && entry.Filter is not null) _told--;
    }

    /// <summary>What a move is told to, in order of name, the callback first.</summary>
    /// <param name="random">Of the deliveries' ids.</param>
    /// <param name="args">The job's arguments; asked only where a query does.</param>
    public IReadOnlyList<Delivery> Deliveries(JobRow was, JobRow next, DateTimeOffset now, Random random, Func<ReadOnlyMemory<byte>> args)
    {
        if (was.State == next.State) return [];
        List<Delivery>? told = null;
        if (next is { Callback: { } callback, State.IsFinal: true })
            (told ??= []).Add(DeliveryRules.Of(next, WebhookRow.Callback, callback, Run.NewLease(random), now));
        if (_told > 0 && _entries.TryGetValue(next.Namespace, out var entries))
        {
            using var searched = new SearchedArguments(entries.Values.Any(entry => entry.AsksArguments && entry.Row.Events.Contains(next.State)) ? args() : default);
            foreach (var (row, filter, _) in entries.Values)
                if (filter is not null && row.Events.Contains(next.State) && filter.Matches(next, searched, now, NothingHidden))
                    (told ??= []).Add(DeliveryRules.Of(next, row.Name, row.Url, Run.NewLease(random), now));
        }
        return told ?? [];
    }

    /// <param name="Filter">Null: it is told nothing that it asks for by a query.</param>
    private sealed record Entry(WebhookRow Row, JobFilter? Filter, bool AsksArguments);
}
