using ActorPerf.Cluster;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The feed in a SQLite file: one writer, so the order of numbers is that of commits, and what is to be seen is complete.</summary>
internal sealed class SqliteFeedStore(SqliteDatabase database, SqliteHistory history, NodeHandle handle, TimeProvider time) : IFeedStore, IWriteHandler
{
    private const string Columns = """
        h.seq, h.namespace, h.kind, h.subject, h.version, h.at, h.from_state, h.to_state, h.attempt, h.incarnation, h.node, h.detail, h.origin,
        j.id, j.queue, j.state, j.run_at, j.limit_key IS NOT NULL, j.started_at, j.finished_at
        """;

    private const string From = "FROM history h LEFT JOIN job j ON h.kind = 1 AND j.seq = h.subject WHERE h.seq > ?";

    public bool IsShared => handle.IsShared;

    public long Origin => handle.Origin;

    public Action? Changed
    {
        get => handle.Changed;
        set => handle.Changed = value;
    }

    public ValueTask<FeedPlace> EndAsync(CancellationToken ct) => database.Reads.RunAsync(static session => FeedPlace.Of(Bounds(session).Last), ct);

    public ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        return database.Reads.RunAsync(session => session.Snapshot(snapshot => Read(snapshot, after.Seq, except, limit)), ct);
    }

    public async ValueTask AppendAsync(FeedNote note, CancellationToken ct)
    {
        var write = new Note(note);
        if (!database.Queue.TryPost(write, this, urgent: true, bytes: 256 + note.Detail.Length)) throw new StoreUnavailableException();
        await write.Task.WaitAsync(ct);
    }

    public void Apply(object write)
    {
        history.Origin = handle.Mark;
        history.Write(((Note)write).Row, time.GetUtcNow());
    }

    public void Flush()
    {
    }

    public void Forget() => history.Forget();

    public void Committed(IReadOnlyList<object> writes)
    {
        history.Committed();
        foreach (var write in writes) ((Note)write).TrySetResult();
        handle.Committed();
    }

    public void Failed(object write, Exception cause) => ((Note)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The note could not be written. Nothing changed; try again.", cause));

    private static FeedSlice Read(SqliteSession session, long after, long? except, int limit)
    {
        var (first, last) = Bounds(session);
        if (last <= after) return new FeedSlice([], FeedPlace.Of(last), Pruned: false, More: false);
        var s = except is { } origin
            ? session[$"SELECT {Columns} {From} AND h.origin IS NOT ? ORDER BY h.seq LIMIT ?"].Bind(after).Bind(origin).Bind((long)limit)
            : session[$"SELECT {Columns} {From} ORDER BY h.seq LIMIT ?"].Bind(after).Bind((long)limit);
        var rows = new List<FeedRow>();
        while (s.Step()) rows.Add(ReadRow(s));
        s.Reset();
        return new FeedSlice(rows, FeedPlace.Of(last), Pruned: after + 1 < first, More: rows.Count == limit);
    }

    private static (long First, long Last) Bounds(SqliteSession session)
    {
        var s = session["SELECT (SELECT min(seq) FROM history), (SELECT max(seq) FROM history)"];
        s.Step();
        var bounds = (s.LongOrNull(0) ?? 0, s.LongOrNull(1) ?? 0);
        s.Reset();
        return bounds;
    }

    private static FeedRow ReadRow(SqliteStatement s)
    {
        return new FeedRow
        {
            Place = FeedPlace.Of(s.Long(0)),
            Namespace = s.Text(1),
            Kind = (FeedKind)s.Int(2),
            Subject = s.Long(3),
            Version = s.Long(4),
            At = SqliteTime.ToTime(s.Long(5)),
            From = (int?)s.LongOrNull(6),
            To = (int?)s.LongOrNull(7),
            Attempt = s.Int(8),
            Incarnation = s.GuidOrNull(9),
            Node = s.TextOrNull(10),
            Detail = s.TextOrNull(11),
            Origin = s.LongOrNull(12),
            Job = s.GuidOrNull(13) is { } id
                ? new FeedJob(id, s.Text(14), s.Int(15), SqliteTime.ToTime(s.Long(16)), s.Int(17) != 0, SqliteTime.ToTime(s.LongOrNull(18)), SqliteTime.ToTime(s.LongOrNull(19)))
                : null,
        };
    }

    private sealed class Note(FeedNote row) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public FeedNote Row { get; } = row;
    }
}
