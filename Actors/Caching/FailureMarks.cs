using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>Keys whose computations failed of late, so that a failing key that is asked for often is not computed each time. The shard's alone.</summary>
/// <param name="most">Keys kept; beyond, the oldest goes.</param>
internal sealed class FailureMarks(int most)
{
    private readonly Dictionary<CacheKey, FailureMark> _marks = [];
    private readonly Queue<FailureMark> _order = [];

    public int Count => _marks.Count;

    /// <summary>Keys that failed three times in a row, or more.</summary>
    public int Failing(long now) => _marks.Count == 0 ? 0 : _marks.Values.Count(mark => mark.Failures >= 3 && now < mark.ForgetAt);

    /// <summary>Null where the key did not fail of late.</summary>
    public FailureMark? Of(CacheKey key, long now) => _marks.GetValueOrDefault(key) is { } mark && now < mark.ForgetAt ? mark : null;

    /// <param name="now">Timestamp.</param>
    /// <param name="retryAt">Given the number of failures in a row: not tried again before this timestamp.</param>
    /// <param name="forgetAfter">Ticks after that in which a further failure counts as the next in a row.</param>
    public FailureMark Failed(CacheKey key, TaskError error, long now, Func<int, long> retryAt, long forgetAfter)
    {
        var failures = (Of(key, now)?.Failures ?? 0) + 1;
        var retry = retryAt(failures);
        var mark = new FailureMark(key, error, failures, retry, retry + forgetAfter);
        _marks[key] = mark;
        _order.Enqueue(mark);
        while (_marks.Count > most || _order.Count > 2 * most) Drop(_order.Dequeue());
        return mark;
    }

    public void Succeeded(CacheKey key) => _marks.Remove(key);

    /// <summary>Forgets, from the oldest on, what is over. One that is kept for long holds up those behind it, which count no more all the same.</summary>
    public void Sweep(long now)
    {
        while (_order.TryPeek(out var oldest) && (oldest.ForgetAt <= now || _marks.GetValueOrDefault(oldest.Key) != oldest)) Drop(_order.Dequeue());
    }

    private void Drop(FailureMark mark)
    {
        if (_marks.GetValueOrDefault(mark.Key) == mark) _marks.Remove(mark.Key);
    }
}

/// <param name="Failures">In a row.</param>
/// <param name="RetryAt">Timestamp.</param>
/// <param name="ForgetAt">Timestamp.</param>
internal sealed record FailureMark(CacheKey Key, TaskError Error, int Failures, long RetryAt, long ForgetAt);
