namespace ActorPerf.Data;

/// <summary>Entities over which transactions of this process keep colliding: they form a line there, and n transactions take n commits instead of n².</summary>
/// <remarks>The line is for speed alone; versions decide who wins. So waiting in it is bounded, and a transaction that stands in one line enters no other.</remarks>
internal sealed class HotKeys(TimeProvider time)
{
    private const int ConflictsToHeat = 3;
    private const int MaxKeys = 10_000;
    private static readonly TimeSpan CoolsAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, HotKey> _keys = [];

    public void Conflicted(IReadOnlyList<Key> keys)
    {
        lock (_gate)
        {
            if (_keys.Count > MaxKeys) Cool();
            foreach (var key in keys)
            {
                if (!_keys.TryGetValue(key, out var hot)) _keys[key] = hot = new HotKey();
                else if (IsCold(hot)) hot.Conflicts = 0;
                hot.Conflicts++;
                hot.LastConflict = time.GetTimestamp();
            }
        }
    }

    /// <summary>Whether whoever wants to change this entity should stand in line.</summary>
    public bool IsHot(Key key)
    {
        lock (_gate) return _keys.Count > 0 && _keys.TryGetValue(key, out var hot) && hot.Conflicts >= ConflictsToHeat && !IsCold(hot);
    }

    /// <summary>Whether somebody has the turn at this key.</summary>
    public bool IsHeld(Key key)
    {
        lock (_gate) return _keys.Count > 0 && _keys.TryGetValue(key, out var hot) && hot.Line.Count > 0;
    }

    /// <summary>Waits for the turn at a key; disposing of the answer gives it to the next one.</summary>
    /// <returns>Null when it took too long: go without.</returns>
    public async ValueTask<IDisposable?> EnterAsync(Key key, CancellationToken ct)
    {
        var turn = new Turn(this, key);
        lock (_gate)
        {
            if (!_keys.TryGetValue(key, out var hot)) return null;
            hot.Line.AddLast(turn);
            if (hot.Line.First!.Value == turn) turn.Come();
        }
        if (turn.Came.IsCompleted) return turn;
        // Not Task.WaitAsync: it hears of the turn on the thread pool, one hop more, and where a seed decides, at a time that no seed decides.
        await using var patience = time.CreateTimer(static turn => ((Turn)turn!).GiveUp(), turn, Patience, Timeout.InfiniteTimeSpan);
        await using var leaving = ct.UnsafeRegister(static (turn, token) => ((Turn)turn!).Cancel(token), turn);
        try
        {
            if (await turn.Came) return turn;
        }
        catch (OperationCanceledException)
        {
            turn.Dispose();
            throw;
        }
        turn.Dispose();
        return null;
    }

    private void Leave(Turn turn)
    {
        lock (_gate)
        {
            if (!_keys.TryGetValue(turn.Key, out var hot)) return;
            hot.Line.Remove(turn);
            if (hot.Line.First is { } next) next.Value.Come();
            else if (IsCold(hot)) _keys.Remove(turn.Key);
        }
    }

    private bool IsCold(HotKey hot) => hot.Line.Count == 0 && time.GetElapsedTime(hot.LastConflict) > CoolsAfter;

    private void Cool()
    {
        foreach (var (key, hot) in _keys.ToArray())
            if (hot.Line.Count == 0) _keys.Remove(key);
    }

    private sealed class HotKey
    {
        public int Conflicts { get; set; }
        public long LastConflict { get; set; }
        public LinkedList<Turn> Line { get; } = [];
    }

    private sealed class Turn(HotKeys keys, Key key) : IDisposable
    {
        private readonly TaskCompletionSource<bool> _came = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Key Key { get; } = key;

        /// <summary>False: it took too long.</summary>
        public Task<bool> Came => _came.Task;

        public void Come() => _came.TrySetResult(true);

        public void GiveUp() => _came.TrySetResult(false);

        public void Cancel(CancellationToken ct) => _came.TrySetCanceled(ct);

        public void Dispose() => keys.Leave(this);
    }
}
