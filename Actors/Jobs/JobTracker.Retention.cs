namespace ActorPerf.Jobs;

/// <content>Retention: what is over its time is deleted in small batches, one at a time, so that other writes never wait long for it.</content>
internal sealed partial class JobTracker
{
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPrune = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PrunePause = TimeSpan.FromSeconds(1);

    private readonly PruneBatch _pruneBatch = new();
    private long _pruneCursor;
    private bool _pruning;

    private void Prune()
    {
        if (_pruning || _parts.Draining is not null || !_parts.Leadership.Leads) return;
        _pruning = _store.TryPost(new JobWrite.Prune(_parts.Retention, _pruneBatch.Limit) { Cursor = _pruneCursor });
    }

    private void Pruned(JobWrite.Prune prune)
    {
        _pruning = false;
        _pruneCursor = prune.Cursor;
        _pruneBatch.Took(prune.Took);
        if (prune.Deleted > 0)
        {
            _log.Pruned(prune.Deleted);
            Prune();
        }
        // Old jobs that are kept stand in the way of others: pass them, without haste.
        else if (prune.Cursor > 0) Timers.StartSingleTimer(Tick.PruneOn, Tick.Prune, PrunePause);
    }
}
