using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>The front door to computed results. A hit is answered here; everything else by the shard that owns the key.</summary>
public sealed class ComputeService(ITaskCatalog tasks, CachingShards shards, CacheOptions options, TimeProvider time, ILogger<ComputeService> log) : ICompute
{
    private static readonly TimeSpan MostPatience = TimeSpan.FromHours(1);
    private const int MaxPage = 500;

    private readonly MemoTable _table = shards.Table;
    private readonly CacheBooks _books = shards.Books;
    private uint _next; // spreads what has no key over the shards

    public ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct)
    {
        if (!tasks.TryGet(request.Task, out var task) || task.Internal) return new(new ComputeOutcome.Refused(tasks.Unknown(request.Task)));
        task = task.For(request.Args);
        if (task.Memoize is null || request.Directive.NoStore) return Bypass(request, task, ct);
        if (!task.Runner.TryCanonicalize(request.Args, out var canonical, out var refusal)) return new(new ComputeOutcome.Refused(refusal ?? NoArguments(task)));
        var key = new CacheKey(request.Namespace, task.Name, task.Version, canonical);
        if (!request.Directive.NoCache && _table.Find(key, request.Directive.MaxAge) is { } entry)
        {
            entry.Touch();
            entry.Book.CountHit();
            return new(entry.Hit);
        }
        return request.Directive.OnlyIfCached ? new(NotCached(task)) : new(MissAsync(request, task, key, ct));
    }

    public CacheView Statistics(Namespace ns)
    {
        var book = _books.Find(ns);
        var perTask = book?.Tasks.ToDictionary(task => task.Task, task => task.Totals, StringComparer.Ordinal) ?? [];
        return new CacheView(book?.Total ?? default, perTask, options.MaxEntries, options.MaxBytes);
    }

    /// <remarks>Newest first. A cursor that no page gave ends the list: check it with <see cref="CacheCursor.TryRead"/>.</remarks>
    public CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor)
    {
        limit = Math.Clamp(limit, 1, MaxPage);
        var before = long.MaxValue;
        if (cursor is not null && !CacheCursor.TryRead(cursor, out before)) return new CacheEntryPage([], null);
        // The newest of all that match, kept in a heap of one page: the table is not sorted for the sake of a page for people.
        var page = new PriorityQueue<MemoEntry, long>(limit + 2);
        var now = time.GetTimestamp();
        foreach (var entry in _table.Shards.SelectMany(shard => shard.Entries))
        {
            if (entry.Id >= before || entry.Key.Namespace != ns || (task is not null && entry.Key.Task != task)) continue;
            if (now >= entry.DeadAt || !entry.IsCurrent) continue;
            page.Enqueue(entry, entry.Id);
            if (page.Count > limit + 1) page.Dequeue();
        }
        var entries = page.UnorderedItems.Select(item => item.Element).OrderByDescending(entry => entry.Id).ToArray();
        return new CacheEntryPage([.. entries.Take(limit).Select(Shown)], entries.Length > limit ? CacheCursor.Write(entries[limit - 1].Id) : null);
    }

    public async ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct)
    {
        if (Fault(what) is { } refusal) return new InvalidateOutcome.Refused(refusal);
        var forgotten = what is { Task: { } name, Args: { } args } ? await ForgetCallAsync(what.Namespace, name, args, ct) : await ForgetAsync(what, ct);
        if (forgotten is InvalidateOutcome.Done done)
            log.Invalidated(what.Namespace.Name, what.Task, what.Tags is null ? null : string.Join(",", what.Tags), what.All, done.Invalidated);
        return forgotten;
    }

    private ValueTask<ComputeOutcome> Bypass(ComputeRequest request, TaskDescriptor task, CancellationToken ct)
    {
        if (task.Runner.Check(request.Args) is { } refusal) return new(new ComputeOutcome.Refused(refusal));
        return request.Directive.OnlyIfCached ? new(NotCached(task)) : new(MissAsync(request, task, key: null, ct));
    }

    private async Task<ComputeOutcome> MissAsync(ComputeRequest request, TaskDescriptor task, CacheKey? key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var chain = FlightChain.Current;
        if (key is not null && FlightChain.Cycle(chain, key) is { } cycle) return new ComputeOutcome.Failed(cycle);
        var shard = key is null ? shards.Actors[(int)(Interlocked.Increment(ref _next) % (uint)shards.Actors.Count)] : shards.ActorOf(key);
        var caller = new Caller();
        // The computation may outlive this call and the buffer that its arguments came in.
        shard.Tell(new FlightCommand.Join(key, request.Namespace, task, request.Args.ToArray(), request.Directive, chain, caller), ActorRefs.NoSender);
        var patience = request.Patience < TimeSpan.Zero ? TimeSpan.Zero : request.Patience > MostPatience ? MostPatience : request.Patience;
        try
        {
            return Shown(await caller.Answer.WaitAsync(patience, time, ct), task, request.Args);
        }
        catch (TimeoutException)
        {
            shard.Tell(new FlightCommand.Leave(caller), ActorRefs.NoSender);
            return new ComputeOutcome.Refused(OutOfPatience(task, patience));
        }
        catch (OperationCanceledException)
        {
            shard.Tell(new FlightCommand.Leave(caller), ActorRefs.NoSender);
            throw;
        }
    }

    private static ComputeOutcome.Refused NotCached(TaskDescriptor task) => new(new Refusal(
        "not-cached", $"No fresh result of task '{task.Name}' for these arguments is remembered, and the call said only-if-cached. Ask without it to compute one."));

    private static Refusal OutOfPatience(TaskDescriptor task, TimeSpan patience) => new(
        "compute-timeout", $"Task '{task.Name}' was not done within {Durations.Format(patience)}. Wait longer (Prefer: wait=N), or let it run as a job (Prefer: respond-async).");

    private static Refusal NoArguments(TaskDescriptor task) => new("invalid-args", $"The arguments do not fit task '{task.Name}'.");

    private static CacheEntryView View(MemoEntry entry) => new(
        entry.Key.Task, entry.Key.Args, entry.Result.ComputedAt, entry.Result.ExpiresAt ?? entry.Result.ComputedAt, entry.Bytes, entry.Hits);

    private CacheEntryView Shown(MemoEntry entry)
    {
        var view = View(entry);
        return tasks.TryGet(view.Task, out var task) && SecretMask.Of(task) is { } mask ? view with { Args = mask.Hide(view.Args) } : view;
    }

    /// <summary>A failure without the secrets of the call.</summary>
    private static ComputeOutcome Shown(ComputeOutcome outcome, TaskDescriptor task, ReadOnlyMemory<byte> args) =>
        outcome is ComputeOutcome.Failed failed && SecretMask.Of(task) is { } mask ? new ComputeOutcome.Failed(SecretMask.Scrub(failed.Error, mask.Values(args))) : outcome;

    private Refusal? Fault(Invalidation what)
    {
        if (what.Args is not null && what.Task is null) return new("invalid-request", "`args` needs `task`: name the task whose call is to be forgotten.");
        var said = (what.Task is null ? 0 : 1) + (what.Tags is { Count: > 0 } ? 1 : 0) + (what.All ? 1 : 0);
        if (said != 1) return new("invalid-request", "Say what to forget by exactly one of `task` (with or without `args`), `tags` and `all`.");
        return what.Task is { } task && !tasks.TryGet(task, out _) ? tasks.Unknown(task) : null;
    }

    private async Task<InvalidateOutcome> ForgetCallAsync(Namespace ns, string name, ReadOnlyMemory<byte> args, CancellationToken ct)
    {
        if (!tasks.TryGet(name, out var task)) return new InvalidateOutcome.Refused(tasks.Unknown(name));
        if (!task.Runner.TryCanonicalize(args, out var canonical, out var refusal)) return new InvalidateOutcome.Refused(refusal ?? NoArguments(task));
        var key = new CacheKey(ns, task.Name, task.Version, canonical);
        var tally = new Tally(1);
        shards.ActorOf(key).Tell(new FlightCommand.ForgetKey(key, tally), ActorRefs.NoSender);
        return new InvalidateOutcome.Done(await tally.Sum.WaitAsync(ct));
    }

    private async Task<InvalidateOutcome> ForgetAsync(Invalidation what, CancellationToken ct)
    {
        if (_books.Find(what.Namespace) is not { } book) return new InvalidateOutcome.Done(0); // nothing was ever loaded
        if (what.All) book.All.Advance();
        else if (what.Task is { } task) book.Find(task)?.Version.Advance();
        else foreach (var tag in what.Tags ?? []) book.FindTag(tag)?.Advance();
        var tally = new Tally(shards.Actors.Count);
        foreach (var shard in shards.Actors) shard.Tell(new FlightCommand.ForgetStale(what.Namespace, tally), ActorRefs.NoSender);
        return new InvalidateOutcome.Done(await tally.Sum.WaitAsync(ct));
    }
}
