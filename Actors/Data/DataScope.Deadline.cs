namespace ActorPerf.Data;

/// <summary>The deadline of a scope. An operation is called before it, and then told when it comes, or after it, and then refused: nobody waits beyond it.</summary>
/// <remarks>What the store was asked already is not taken back: a write that was sent may still take place.</remarks>
public sealed partial class DataScope
{
    private bool _isLate;                  // set once, together with the look at who waits

    /// <summary>What is left until the deadline; infinite where there is none.</summary>
    internal TimeSpan Left
    {
        get
        {
            if (Deadline is not { } deadline) return Timeout.InfiniteTimeSpan;
            var left = deadline - _parts.Time.GetUtcNow();
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Why nothing is begun any more; null before the deadline.</summary>
    /// <param name="what">Is refused, such as <c>Querying Account</c>.</param>
    internal TimeoutException? RefusalOf(string what)
    {
        lock (_gate) return _isLate ? Refused(what) : null;
    }

    /// <param name="what">Was under way at the deadline, such as <c>Reading Account/12</c>.</param>
    internal TimeoutException Late(string what) => new($"{what} failed: {Passed} What was sent to the store already may still take place.");

    private TimeoutException Refused(string what) => new($"{what} failed: {Passed} Nothing of it was sent to the store.");

    private string Passed => $"The deadline of the request ({Deadline:O}) has passed.";

    /// <summary>The deadline has come: everybody who still waits is told.</summary>
    private void Expire()
    {
        List<ReadWaiter> reads;
        ScopeOperation[] writes;
        lock (_gate)
        {
            _isLate = true;
            reads = _map.Waiters();
            writes = _writes.UnderWay();
        }
        foreach (var read in reads) read.Line.Leave(read, Late($"Reading {((ScopeEntry)read.Observer!).Key}"));
        foreach (var write in writes) write.Abort(Late(write.ToString()));
    }

    /// <summary>A write that was called after the deadline.</summary>
    private PendingWrite NeverSent(IWriteSink sink, EntityWrite asked, int index) => new(asked, new LaneId(asked.Key.Namespace, Lane), sink, index) { Place = Place.Gone };

    /// <summary>For a get behind an own write: until its outcome is known.</summary>
    private async ValueTask WaitAsync(PendingWrite write, CancellationToken ct)
    {
        if (!await BoundedWait.ForAsync(write.WhenDecided(), Left, _parts.Time, ct)) throw Late($"Reading {write.Write.Key}");
        lock (_gate)
        {
            if (_left) throw LeftBehind();
        }
    }

    private static DateTimeOffset? Sooner(DateTimeOffset? left, DateTimeOffset? right) => (left, right) switch
    {
        (null, _) => right,
        (_, null) => left,
        _ => left < right ? left : right,
    };
}
