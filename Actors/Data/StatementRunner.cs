using ActorPerf.Cluster;

namespace ActorPerf.Data;

/// <summary>Sends a batch to the store, and where that fails finds out whose failure it is.</summary>
/// <remarks>
/// A moment's trouble: the whole batch again, three times, with jittered pauses. One entity's doing: halves, until it is alone; k such entities among n cost
/// about 2k·(1 + log2(n/k)) statements more. Everybody's trouble: all fail at once. An error that does not say is taken for an entity's, unless both halves meet it again.
/// </remarks>
internal sealed class StatementRunner<TItem, TResult>(IStatement<TItem, TResult> statement, PipelineCounters counters, TimeProvider time, Random random)
{
    private const int Retries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Settles or fails every item; never throws.</summary>
    public async ValueTask RunAsync(ArraySegment<TItem> items, CancellationToken ct)
    {
        if (await TryAsync(items, StatementSort.First, ct) is { } fault) await IsolateAsync(items, fault, ct);
    }

    private async ValueTask IsolateAsync(ArraySegment<TItem> items, Exception fault, CancellationToken ct)
    {
        var sort = StoreFaults.SortOf(fault);
        if (items.Count == 1 || sort is FaultSort.Transient or FaultSort.Systemic)
        {
            Fail(items, fault);
            return;
        }
        var (left, right) = (items[..(items.Count / 2)], items[(items.Count / 2)..]);
        var leftFault = await TryAsync(left, StatementSort.Half, ct);
        var rightFault = await TryAsync(right, StatementSort.Half, ct);
        if (sort == FaultSort.Unknown && IsSame(fault, leftFault) && IsSame(fault, rightFault))
        {
            Fail(left, leftFault!);
            Fail(right, rightFault!);
            return;
        }
        if (leftFault is not null) await IsolateAsync(left, leftFault, ct);
        if (rightFault is not null) await IsolateAsync(right, rightFault, ct);
    }

    /// <summary>Null when the items are settled.</summary>
    private async ValueTask<Exception?> TryAsync(ArraySegment<TItem> items, StatementSort sort, CancellationToken ct)
    {
        for (var retry = 0; ; retry++)
        {
            IReadOnlyList<TResult>? results = null;
            try
            {
                counters.Began(retry == 0 ? sort : StatementSort.Retry);
                results = await statement.SendAsync(items, ct);
                if (results.Count != items.Count)
                    return new InvalidDataException($"The store answered {results.Count} items to {items.Count}. It broke its contract: one item each, in order.");
            }
            catch (Exception fault)
            {
                if (ct.IsCancellationRequested && fault is OperationCanceledException) return new TimeoutException("The statement took too long and was given up.", fault);
                if (retry == Retries || StoreFaults.SortOf(fault) != FaultSort.Transient) return fault;
            }
            finally
            {
                counters.Ended();
            }
            if (results is not null)
            {
                statement.Settle(items, results);
                return null;
            }
            try
            {
                await Task.Delay(Pause(retry), time, ct);
            }
            catch (OperationCanceledException late)
            {
                return new StoreUnavailableException("The store was away, and the time for the statement is over. Nothing changed; try again.", late);
            }
        }
    }

    private TimeSpan Pause(int retry)
    {
        lock (random) return FirstPause * (1 << retry) * (0.5 + random.NextDouble() / 2);
    }

    private void Fail(ArraySegment<TItem> items, Exception fault)
    {
        counters.Failed(items.Count);
        statement.Fail(items, fault);
    }

    private static bool IsSame(Exception fault, Exception? other) => other is not null && StoreFaults.SortOf(other) == FaultSort.Unknown && other.GetType() == fault.GetType();
}

/// <summary>One kind of statement, and what becomes of those in it.</summary>
internal interface IStatement<TItem, TResult>
{
    /// <summary>One round trip.</summary>
    /// <returns>One result per item, in their order.</returns>
    ValueTask<IReadOnlyList<TResult>> SendAsync(ArraySegment<TItem> items, CancellationToken ct);

    void Settle(ArraySegment<TItem> items, IReadOnlyList<TResult> results);

    void Fail(ArraySegment<TItem> items, Exception fault);
}
