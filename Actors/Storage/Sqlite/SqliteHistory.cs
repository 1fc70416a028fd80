using ActorPerf.Cluster;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The end of the history inside the writer's transaction: its numbers, and rows that belong to no job. Lives on the write queue's thread;
/// every feature that adds rows says how its transaction ended.</summary>
internal sealed class SqliteHistory
{
    private readonly SqliteSession _session;
    private long _committed;

    public SqliteHistory(SqliteSession session)
    {
        _session = session;
        _committed = Seq = long.Parse(session.Handle.Scalar("SELECT coalesce(max(seq), 0) FROM history")!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The newest row's number.</summary>
    public long Seq { get; set; }

    /// <summary>Whose rows are being written; null where only one node is there.</summary>
    public long? Origin { get; set; }

    /// <summary>Adds a row that belongs to no job: subject 0, version 1.</summary>
    public void Write(FeedNote note, DateTimeOffset at)
    {
        Seq++;
        _session["INSERT INTO history (seq, namespace, kind, subject, version, at, attempt, detail, origin) VALUES (?, ?, ?, 0, 1, ?, 0, ?, ?)"]
            .Bind(Seq).Bind(note.Namespace).Bind((long)note.Kind).Bind(SqliteTime.ToMicroseconds(at)).Bind(note.Detail).Bind(Origin).Run();
    }

    /// <summary>The transaction is durable. Repeats are harmless, for each feature of the transaction says so.</summary>
    public void Committed() => _committed = Seq;

    /// <summary>The transaction was rolled back.</summary>
    public void Forget() => Seq = _committed;
}
