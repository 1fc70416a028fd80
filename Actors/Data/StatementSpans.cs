using System.Diagnostics;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>The spans of a pipeline's statements: each below the first traced call in it, linked to all others, in the trace of each.</summary>
/// <remarks>Calls that nobody traces cost one look at a field each.</remarks>
/// <param name="operation">For <c>db.operation.name</c>.</param>
/// <param name="kindOf">What kind of entity an item is of.</param>
/// <param name="calls">Who waits for items that are under way.</param>
/// <param name="send">One round trip.</param>
internal sealed class StatementSpans<TItem, TResult>(
    PipelineSetup setup, string operation, Func<TItem, string> kindOf, Func<ArraySegment<TItem>, StatementCalls> calls, Func<ArraySegment<TItem>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> send)
    where TItem : LaneItem<TItem>
{
    /// <summary>Sends a statement, under a span where any of its calls has one.</summary>
    public ValueTask<IReadOnlyList<TResult>> SendAsync(ArraySegment<TItem> items, CancellationToken ct)
    {
        foreach (var item in items)
            if (item.FirstSpan is { } first) return SendTracedAsync(first, items, ct);
        return send(items, ct);
    }

    private async ValueTask<IReadOnlyList<TResult>> SendTracedAsync(Activity first, ArraySegment<TItem> items, CancellationToken ct)
    {
        var span = Spans.BeginBelow(first, CallKind.Statement, KindOf(items));
        if (span is null) return await send(items, ct);
        var batch = BatchNumbers.Next();
        span.SetTag(SpanTags.Operation, operation);
        span.SetTag(SpanTags.Batch, batch);
        span.SetTag(SpanTags.Keys, items.Count);
        span.SetTag(SpanTags.BatchWait, setup.Time.GetElapsedTime(items[0].Since).TotalSeconds);
        Exception? failure = null;
        try
        {
            return await send(items, ct);
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            // Those who joined while it was under way took part too.
            Share(span, batch, items.Count, calls(items));
            Spans.End(span, failure);
        }
    }

    private static void Share(Activity span, long batch, int keys, StatementCalls calls)
    {
        var shared = SharedWork.On(span, keys);
        foreach (var (call, own) in calls.All)
        {
            shared.Join(span, call, own);
            if (call is null || call.IsStopped) continue;
            call.SetTag(SpanTags.Batch, batch);
            call.SetTag(SpanTags.Keys, keys);
            call.SetTag(SpanTags.OwnKeys, own);
        }
        shared.Tag(span);
    }

    /// <summary>The one kind of all items; null where there are several.</summary>
    private string? KindOf(ArraySegment<TItem> items)
    {
        var kind = kindOf(items[0]);
        foreach (var item in items)
            if (kindOf(item) != kind) return null;
        return kind;
    }
}

/// <summary>Numbers of batches, each once in a process.</summary>
internal static class BatchNumbers
{
    private static long _last;

    public static long Next() => Interlocked.Increment(ref _last);
}

/// <summary>The calls that wait for the items of a statement, each with the number of its keys in it.</summary>
internal sealed class StatementCalls
{
    private readonly Dictionary<object, (Activity? Span, int Keys)> _calls = new(ReferenceEqualityComparer.Instance);

    public IEnumerable<(Activity? Span, int Keys)> All => _calls.Values;

    public void Add(object call, Activity? span) => _calls[call] = (span, _calls.GetValueOrDefault(call).Keys + 1);
}
