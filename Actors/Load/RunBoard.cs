namespace ActorPerf.Load;

/// <summary>Where a run shows how it stands: written by the run, read by whoever asks.</summary>
internal sealed class RunBoard(LoadProgress first)
{
    private volatile LoadProgress _latest = first;
    private volatile LoadResult? _result;
    private volatile TaskCompletionSource _changed = New();

    public LoadProgress Latest => _latest;

    public LoadResult? Result => _result;

    public void Show(LoadProgress progress)
    {
        _latest = progress;
        var waited = _changed;
        _changed = New();
        waited.TrySetResult();
    }

    /// <summary>The last word.</summary>
    public void End(LoadResult result)
    {
        _result = result;
        Show(result.Final);
    }

    /// <summary>Completes with the next change after it was called. To miss none, call it before <see cref="Latest"/> is read.</summary>
    public Task NextAsync() => _changed.Task;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
