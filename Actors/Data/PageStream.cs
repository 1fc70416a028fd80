namespace ActorPerf.Data;

/// <summary>Pages of a query, the next one read while the consumer is busy with the last. Never more than that one: whoever stops after ten rows has caused two statements at most.</summary>
/// <remarks>Pages grow from 200 rows to 2,000 as long as the consumer waits for them, and shrink to what 4 MiB have of rows like the last; the store ends a page there that turns out
/// larger. Between two statements nothing is held open in the store.</remarks>
internal sealed class PageStream<TRow>(Func<QueryPlace?, int, CancellationToken, ValueTask<ReadPage<TRow>>> read, CancellationToken ct) : IAsyncDisposable
{
    public const int FirstPage = 200;

    /// <summary>A page ends with the row that brings it to so many, whatever its size.</summary>
    public const long PageBytes = 4 * 1024 * 1024;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
    private Task<ReadPage<TRow>>? _ahead;
    private int _size = FirstPage;
    private bool _begun;

    /// <summary>The next page; null after the last one.</summary>
    public async ValueTask<IReadOnlyList<TRow>?> NextAsync()
    {
        if (!_begun) Begin(null);
        if (_ahead is null) return null;
        var hadToWait = !_ahead.IsCompleted;
        var page = await _ahead;
        _ahead = null;
        Resize(page, hadToWait);
        if (page.Next is { } next) Begin(next);
        return page.Rows;
    }

    /// <summary>Ends the read ahead, and waits until it has: the store must not be asked any more by somebody who has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_ahead is not null) await ((Task)_ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
    }

    private void Begin(QueryPlace? after)
    {
        _begun = true;
        _ahead = read(after, _size, _stop.Token).AsTask();
    }

    private void Resize(ReadPage<TRow> page, bool hadToWait)
    {
        if (hadToWait) _size = Math.Min(_size * 2, EntityQuery.MaxPage);
        if (page.Rows.Count == 0) return;
        var perRow = Math.Max(page.Bytes / page.Rows.Count, 1);
        _size = (int)Math.Clamp(PageBytes / perRow, 1, _size);
    }
}
