using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Results in the payload: written with a finish, packed when large, and read back whole or as they are kept.</summary>
internal static class SqliteResults
{
    /// <summary>Columns that <see cref="Read"/> expects.</summary>
    public const string Columns = "payload.result, payload.result_coding";

    /// <summary>A finish has a statement that writes the result alone; this one is for those that are large or no JSON.</summary>
    public static void Write(SqliteSession session, long seq, ReadOnlyMemory<byte> result, ResultMedia? media)
    {
        var packed = ResultPacking.TryPack(result.Span);
        session["UPDATE payload SET result = ?, result_coding = ?, result_type = ?, result_form = ?, checkpoint = NULL WHERE job_seq = ?"]
            .Bind(packed ?? result.Span).Bind(packed is null ? null : (long)ResultCoding.Brotli).Bind(media?.Type).Bind((long?)media?.Form).Bind(seq).Run();
    }

    /// <summary>The plain result from <paramref name="column"/> on; null for none.</summary>
    public static ReadOnlyMemory<byte>? Read(SqliteStatement s, int column)
    {
        if (s.BlobOrNull(column) is not { } bytes) return null;
        return s.IsNull(column + 1) ? bytes : ResultPacking.Unpack(bytes, (ResultCoding)s.Int(column + 1));
    }

    public static StoredResult? Find(SqliteSession session, SqliteJobRows rows, Namespace ns, JobId id)
    {
        var s = session[$"""
            SELECT {SqliteJobRows.Columns}, payload.result, payload.result_coding, payload.result_type, payload.result_form
            FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.namespace = ? AND job.id = ?
            """].Bind(ns.Name).Bind(id.Value);
        if (!s.Step())
        {
            s.Reset();
            return null;
        }
        const int At = SqliteJobRows.Count;
        var bytes = s.BlobOrNull(At);
        var media = s.IsNull(At + 2) ? null : new ResultMedia(s.Text(At + 2), (ResultForm)s.Int(At + 3));
        var found = new StoredResult(
            rows.Read(s), bytes is null ? (ReadOnlyMemory<byte>?)null : bytes, s.IsNull(At + 1) ? ResultCoding.None : (ResultCoding)s.Int(At + 1), media);
        s.Reset();
        return found;
    }
}
