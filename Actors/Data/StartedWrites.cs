namespace ActorPerf.Data;

/// <summary>The writes that a scope has started: those under way, and those that failed while nobody looked. Its members belong to the scope, which locks.</summary>
internal sealed class StartedWrites
{
    private const int MaxFailuresKept = 1_000;

    private readonly HashSet<ScopeOperation> _open = [];
    private readonly List<ScopeOperation> _failed = [];
    private int _moreFailed;
    private TaskCompletionSource? _quiet;                            // all have ended

    /// <summary>Whether somebody waited for them in vain.</summary>
    public bool AreGivenUp { get; private set; }

    public void Begin(ScopeOperation operation) => _open.Add(operation);

    /// <returns>What is to be set once the lock is free; null while others are under way.</returns>
    public TaskCompletionSource? End(ScopeOperation operation)
    {
        _open.Remove(operation);
        if (operation.Loss is not null && !operation.IsObserved)
        {
            if (_failed.Count < MaxFailuresKept) _failed.Add(operation);
            else _moreFailed++;
        }
        return _open.Count == 0 ? _quiet : null;
    }

    public ScopeOperation[] UnderWay() => [.. _open];

    /// <summary>Nobody waits for them any more; what fails from now on is logged.</summary>
    /// <returns>Those under way.</returns>
    public ScopeOperation[] GiveUp()
    {
        AreGivenUp = true;
        return UnderWay();
    }

    /// <summary>Ends with the last of those under way; null where there are none.</summary>
    public Task? WhenQuiet()
    {
        if (_open.Count == 0) return null;
        if (_quiet is not { Task.IsCompleted: false }) _quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _quiet.Task;
    }

    /// <summary>The failures that nobody has looked at, once; null where there are none.</summary>
    public UnawaitedWritesException? TakeUnseen()
    {
        var unseen = _failed.FindAll(operation => !operation.IsObserved);
        var failures = unseen.Count > 0 ? ScopeFailures.Unseen(unseen, _moreFailed) : null;
        _failed.Clear();
        _moreFailed = 0;
        return failures;
    }
}
