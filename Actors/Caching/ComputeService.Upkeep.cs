using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <content>What the cache holds and did, and forgetting it.</content>
public sealed partial class ComputeService
{
    private const int MaxPage = 500;
    private const int MostLookedAt = 50_000;
    private const int MostSlots = 500_000;

    /// <summary>Totals of every namespace that has any.</summary>
    internal IEnumerable<(string Namespace, CacheTotals Totals)> Totals => _books.All.Select(static book => (book.Key.Name, book.Value.Total));

    public CacheView Statistics(Namespace ns)
    {
        var book = _books.Find(ns);
        var perTask = book?.Tasks.ToDictionary(task => task.Task, task => task.Totals, StringComparer.Ordinal) ?? [];
        return new CacheView(book?.Total ?? default, perTask, options.MaxEntries, options.MaxBytes);
    }

    /// <remarks>In the order of their places in the table: what stays there from page to page is seen once. A cursor that no page gave ends the list: check
    /// it with <see cref="CacheCursor.TryRead"/>.</remarks>
    public CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor)
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        var place = 0L;
        if (cursor is not null && !CacheCursor.TryRead(cursor, out place)) return new CacheEntryPage([], null);
        var (found, looked, slots) = (new List<CacheEntryView>(limit), 0, 0);
        for (var shard = (int)(place >> CacheCursor.SlotBits); shard < _table.Shards.Count; shard++)
        {
            var memo = _table.Shards[shard];
            for (var slot = (int)(place & CacheCursor.SlotMask); slot < memo.Slots; slot++)
            {
                if (found.Count >= limit || looked > MostLookedAt || ++slots > MostSlots) return new CacheEntryPage(found, CacheCursor.Write(((long)shard << CacheCursor.SlotBits) + slot));
                foreach (var entry in memo.At(slot))
                {
                    looked++;
                    if (entry.Key.Namespace == ns && (task is null || entry.Key.Task == task) && View(entry) is { } view) found.Add(view);
                }
            }
            place = 0;
        }
        return new CacheEntryPage(found, null);
    }

    /// <remarks>Once begun it goes on, whoever leaves: what was told to the others and not done here would be answered here for its whole life.</remarks>
    public async ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (Fault(what) is { } refusal) return new InvalidateOutcome.Refused(refusal);
        if (Scopes(what, out var scopes) is { } misfit) return new InvalidateOutcome.Refused(misfit);
        var concerned = 0L;
        foreach (var scope in scopes)
        {
            await shards.Feed.PublishAsync(scope, shards.Sink, CancellationToken.None);
            concerned += await shards.Sink.ApplyAsync(scope, ct);      // done before it waits to be told what it concerned
        }
        log.Invalidated(what.Namespace.Name, what.Task, what.Tags is null ? null : string.Join(",", what.Tags), what.All, what.Everywhere, what.Expire, concerned);
        return new InvalidateOutcome.Done(concerned);
    }

    /// <summary>Null for one that nobody may see any more.</summary>
    private CacheEntryView? View(MemoEntry entry)
    {
        var validity = entry.Validity;
        var phase = entry.Life.At(time.GetTimestamp());
        if (validity == EntryValidity.Removed || phase == EntryPhase.Dead) return null;
        var result = entry.Result;
        var args = entry.Key.Args;
        if (tasks.TryGet(entry.Key.Task, out var task) && SecretMask.Of(task) is { } mask) args = mask.Hide(args);
        return new CacheEntryView(entry.Key.Task, args, result.ComputedAt, result.ExpiresAt ?? result.ComputedAt, entry.Bytes, entry.Hits)
        {
            State = validity == EntryValidity.Expired || phase == EntryPhase.Kept ? "kept" : phase == EntryPhase.Stale ? "stale" : "fresh",
            Tags = entry.Tags ?? [],
            LastError = entry.LastError,
        };
    }

    private Refusal? Fault(Invalidation what)
    {
        if (what.Args is not null && what.Task is null) return new("invalid-request", "`args` needs `task`: name the task whose call is to be forgotten.");
        var said = (what.Task is null ? 0 : 1) + (what.Tags is { Count: > 0 } ? 1 : 0) + (what.All ? 1 : 0) + (what.Everywhere ? 1 : 0);
        if (said != 1) return new("invalid-request", "Say what to forget by exactly one of `task` (with or without `args`), `tags`, `all` and `everywhere`.");
        return what.Task is { } task && !IsKnown(what.Namespace, task) ? tasks.Unknown(task) : null;
    }

    /// <summary>A task, or a cache of one's own code: one that was used here, or any where other nodes or a second level may have it.</summary>
    private bool IsKnown(Namespace ns, string task) =>
        tasks.TryGet(task, out _) || (CacheKey.IsOwn(task) && (shards.ReachesBeyond || _books.Find(ns)?.Find(task) is not null));

    private Refusal? Scopes(Invalidation what, out IReadOnlyList<CacheInvalidation> scopes)
    {
        scopes = [];
        if (what is { Task: { } name, Args: { } args })
        {
            var refusal = Key(what.Namespace, name, args, out var key);
            if (key is not null) scopes = [new CacheInvalidation.OfKey(key) { Expire = what.Expire }];
            return refusal;
        }
        scopes = what switch
        {
            { Everywhere: true } => [new CacheInvalidation.Everything { Expire = what.Expire }],
            { All: true } => [new CacheInvalidation.OfNamespace(what.Namespace) { Expire = what.Expire }],
            { Task: { } task } => [new CacheInvalidation.OfTask(what.Namespace, task) { Expire = what.Expire }],
            _ => [.. (what.Tags ?? []).Select(tag => new CacheInvalidation.OfTag(what.Namespace, tag) { Expire = what.Expire })],
        };
        return null;
    }

    private Refusal? Key(Namespace ns, string name, ReadOnlyMemory<byte> args, out CacheKey? key)
    {
        key = null;
        ReadOnlyMemory<byte> canonical;
        if (tasks.TryGet(name, out var task))
        {
            if (!task.TryCanonicalize(args, out canonical, out var refusal)) return refusal;
        }
        else
        {
            if (!CanonicalJson.TryWrite(args.Span, out var written)) return new Refusal("invalid-args", "The arguments have no canonical form. Send the key as a JSON text.");
            canonical = written;
        }
        key = new CacheKey(ns, name, task?.Version ?? 1, canonical);
        return null;
    }
}
