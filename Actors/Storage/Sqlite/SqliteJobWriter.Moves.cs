using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>A move: the row under its guards, its history row, and the counts.</content>
internal sealed partial class SqliteJobWriter
{
    /// <summary>Writes a move; null when the row is not as <paramref name="was"/> says. The returned row carries its new place in the feed.</summary>
    private JobRow? Store(JobRow was, JobDecision.Moved moved)
    {
        var next = moved.Next;          // fresh from the rules, so nobody else holds it
        next.HistorySeq = _history.Seq + 1;
        var wasBlocked = IsBlocked(was);
        var changed = Update(was, next);
        if (changed != 1) return null;
        if (was.UniqueKey is not null) ReleaseKey(was, next);
        _flow.Moved(was, next, wasBlocked);
        WriteHistory(next, was.State, next.HistorySeq, was.HistorySeq, next.Run ?? was.Run, moved.Detail);
        Count(was, was.State, -1);
        Count(next, next.State, 1);
        _deliveries.Moved(was, next, _now);
        _graph.Moved(was.State, next);
        return next;
    }

    /// <summary>Rows changed: 1, or 0 when the row is not as <paramref name="was"/> says.</summary>
    private int Update(JobRow was, JobRow next) => (was.State, next.State) switch
    {
        (JobState.Queued, JobState.Running) => _startJob
            .Bind((long)next.Attempt).Bind(next.Run?.Owner.Value).Bind(next.Run?.Lease).Bind(next.Node).Bind(SqliteTime.ToMicroseconds(next.StartedAt))
            .Bind(next.Version).Bind(next.HistorySeq).Bind(was.Seq).Bind(was.Version).Bind((long)was.Attempt).Run(),
        (_, JobState.Succeeded) => _succeedJob
            .Bind(next.Cached ? 1L : 0L).Bind(SqliteTime.ToMicroseconds(next.FinishedAt)).Bind(next.Version).Bind(next.HistorySeq)
            .Bind(was.Seq).Bind(was.Version).Bind((long)was.State).Bind(was.Run?.Owner.Value).Bind(was.Run?.Lease).Bind((long)was.Attempt).Run(),
        _ => _updateJob
            .Bind((long)next.State).Bind(JobRules.Rank(next)).Bind(SqliteTime.ToMicroseconds(next.RunAt)).Bind((long)next.Attempt)
            .Bind((long)next.Excused).Bind((long)next.Crashes).Bind(next.Run?.Owner.Value).Bind(next.Run?.Lease).Bind(next.Node).Bind(next.Cached ? 1L : 0L)
            .Bind(next.Error?.Type).Bind(next.Error?.Message).Bind(SqliteTime.ToMicroseconds(next.StartedAt)).Bind(SqliteTime.ToMicroseconds(next.FinishedAt))
            .Bind(next.Version).Bind(next.HistorySeq)
            .Bind(was.Seq).Bind(was.Version).Bind((long)was.State).Bind(was.Run?.Owner.Value).Bind(was.Run?.Lease).Bind((long)was.Attempt)
            .Run(),
    };

    private void WriteHistory(JobRow row, JobState? from, long seq, long? previous, Run? run, string? detail)
    {
        _history.Seq = seq;
        _insertHistory.Bind(seq).Bind(row.Namespace.Name).Bind((long)FeedKind.Job).Bind(row.Seq).Bind(row.Version).Bind(SqliteTime.ToMicroseconds(_now))
            .Bind(from is { } state ? (long)state : null).Bind((long)row.State).Bind((long)row.Attempt).Bind(run?.Owner.Value)
            .Bind(run is null ? null : row.Node).Bind(detail).Bind(previous).Bind(_history.Origin).Run();
    }

    private void Count(JobRow row, JobState state, long delta)
    {
        ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deltas, (row.Namespace, row.Queue, row.Task, state), out _);
        sum += delta;
    }
}
