namespace ActorPerf.Data;

/// <summary>A query as it stands: what can be asked of it. Immutable; nothing is read before it is asked.</summary>
/// <remarks>Enumerating it streams all rows by pages of 200 up to 2,000, or 4 MiB of data, with one page read ahead; leaving the loop ends that too. Each page sees what is committed when it is read: an entity
/// whose place in the order changes meanwhile may come twice or not at all; others come once.</remarks>
public abstract class QueryRows<TRow> : IAsyncEnumerable<TRow>
{
    private const int MaxReadsAgain = 2;

    private readonly IData _data;
    private readonly Func<Entity, TRow> _row;
    private readonly bool _viaCache;

    private protected QueryRows(IData data, EntityQuery query, Func<Entity, TRow> row, bool viaCache, CallPlace place)
    {
        (_data, Query, _row, _viaCache, Place) = (data, query, row, viaCache, place);
    }

    /// <summary>What goes to the store.</summary>
    public EntityQuery Query { get; }

    private protected IData Source => _data;

    /// <summary>Where the query was begun.</summary>
    private protected CallPlace Place { get; }

    private protected bool IsViaCache => _viaCache;

    /// <summary>The first one in the order; null where there is none.</summary>
    public ValueTask<TRow?> FirstOrDefaultAsync(CancellationToken ct = default) => FirstOfAsync(ReadAsync(null, 1, ct));

    /// <summary>The first rows, all at once.</summary>
    /// <param name="limit">At most so many; 1 and up. A stream has no limit: enumerate the query itself.</param>
    public ValueTask<IReadOnlyList<TRow>> ToListAsync(int limit, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ListAsync(ReadAsync(null, Math.Min(limit, EntityQuery.MaxPage), ct), limit, ct);
    }

    /// <summary>A page for people: follow <see cref="QueryPage{TRow}.Next"/> to the next one.</summary>
    /// <param name="size">Rows at most; 1 to 2,000.</param>
    /// <param name="cursor">From the page before; null for the first one.</param>
    /// <exception cref="QueryCursorException">The cursor is of another query.</exception>
    public ValueTask<QueryPage<TRow>> PageAsync(int size, string? cursor = null, CancellationToken ct = default)
    {
        QueryPlace? after = null;
        if (cursor is not null && !QueryCursor.TryRead(cursor, Query, out after)) throw new QueryCursorException();
        return PageOfAsync(ReadAsync(after, size, ct));
    }

    /// <summary>How many there are, counted by the store.</summary>
    /// <param name="most">Counting stops there.</param>
    public ValueTask<long> CountAsync(long most = long.MaxValue, CancellationToken ct = default) => _data.CountAsync(Query, most, ct, Place.File, Place.Line, Place.Member);

    public async IAsyncEnumerator<TRow> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        // What is wrong with the page read ahead is told when its turn has come, and not instead of the rows before it.
        await using var pages = new PageStream<TRow>(async (after, limit, ct) => await ReadAsync(after, limit, ct, PageStream<TRow>.PageBytes), cancellationToken);
        while (await pages.NextAsync() is { } page)
            foreach (var row in page) yield return row;
    }

    private static async ValueTask<TRow?> FirstOfAsync(ValueTask<ReadPage<TRow>> reading)
    {
        var first = await reading;
        return first.Rows.Count > 0 ? first.Rows[0] : default;
    }

    private async ValueTask<IReadOnlyList<TRow>> ListAsync(ValueTask<ReadPage<TRow>> reading, int limit, CancellationToken ct)
    {
        var page = await reading;
        var all = new List<TRow>(page.Rows);
        while (page.Next is not null && all.Count < limit)
        {
            page = await ReadAsync(page.Next, Math.Min(limit - all.Count, EntityQuery.MaxPage), ct);
            all.AddRange(page.Rows);
        }
        return all;
    }

    private async ValueTask<QueryPage<TRow>> PageOfAsync(ValueTask<ReadPage<TRow>> reading)
    {
        var page = await reading;
        return new QueryPage<TRow>(page.Rows, page.Next is null ? null : QueryCursor.Write(Query, page.Next));
    }

    private ValueTask<ReadPage<TRow>> ReadAsync(QueryPlace? after, int limit, CancellationToken ct, long maxBytes = long.MaxValue) =>
        RowsAsync(_data.QueryPageAsync(Query with { After = after, Limit = limit, MaxBytes = maxBytes, KeysOnly = Query.KeysOnly || _viaCache }, ct, Place.File, Place.Line, Place.Member), ct);

    private async ValueTask<ReadPage<TRow>> RowsAsync(ValueTask<EntityPage> reading, CancellationToken ct)
    {
        var page = await reading;
        var entities = _viaCache ? await ReadByKeyAsync(page.Items, ct) : page.Items;
        return new ReadPage<TRow>([.. entities.Select(_row)], page.Next, entities.Sum(entity => (long)entity.Data.Length));
    }

    /// <summary>The entities of a keys-only page. None is older than the page found it; what is not there any more when it is read is left out, as if the page had been read a moment later.</summary>
    /// <remarks>What the scope remembers is taken where it is at least as new. An older state, or a miss, is forgotten and read again; and that once more, since the first time may join a read that was
    /// sent before the page's statement. A read that is found under way after that one has ended was sent after the page.</remarks>
    /// <param name="found">Keys with their versions.</param>
    private async ValueTask<IReadOnlyList<Entity>> ReadByKeyAsync(IReadOnlyList<Entity> found, CancellationToken ct)
    {
        var entities = new Entity?[found.Count];
        int[] asked = [.. Enumerable.Range(0, found.Count)];
        for (var again = 0; asked.Length > 0 && again <= MaxReadsAgain; again++)
        {
            if (again > 0) Forget(asked.Select(i => found[i].Key));
            var read = await _data.GetManyAsync([.. asked.Select(i => found[i].Key)], ct, Place.File, Place.Line, Place.Member);
            for (var i = 0; i < asked.Length; i++) entities[asked[i]] = read[i];
            asked = Array.FindAll(asked, i => !(entities[i]?.Version >= found[i].Version));
        }
        return [.. entities.OfType<Entity>()];
    }

    /// <summary>Has the next get of these ask the store.</summary>
    private void Forget(IEnumerable<Key> keys)
    {
        if (((_data as DataTransaction ?? DataTransaction.Current)?.Scope ?? DataScope.Current) is not { } scope) return;
        foreach (var key in keys) scope.Forget(key);
    }
}

/// <summary>A place in the source.</summary>
internal readonly record struct CallPlace(string File, int Line, string Member);

/// <param name="Next">For the next page; null at the end.</param>
public sealed record QueryPage<TRow>(IReadOnlyList<TRow> Items, string? Next);

/// <param name="Bytes">Of the rows' data.</param>
internal sealed record ReadPage<TRow>(IReadOnlyList<TRow> Rows, QueryPlace? Next, long Bytes);
