using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>What is read: at the beginning, all that the writes are known to touch; later, what they turn out to.</content>
internal sealed partial class JobUnit
{
    private const string S = PostgresDialect.Schema;
    private const string Whole = $"{PostgresJobRows.Columns}, job.xmin, job.blocked, payload.args, payload.result, payload.result_coding, payload.checkpoint";
    private const string Lean = $"{PostgresJobRows.Columns}, job.xmin, job.blocked, payload.args, NULL::bytea, NULL::smallint, NULL::bytea";       // results are large
    private const int At = PostgresJobRows.Count;

    private const string LockKnown = $"SELECT seq, version, blocked, xmin FROM {S}.job WHERE seq = ANY ($1) ORDER BY seq FOR UPDATE";

    private const string LockNamed = $"""
        SELECT {Whole} FROM {PostgresJobRows.From} WHERE job.seq IN (
          SELECT j.seq FROM unnest($1::text[], $2::uuid[]) AS w (namespace, id) JOIN {S}.job j ON j.namespace = w.namespace AND j.id = w.id
          UNION SELECT u.job_seq FROM unnest($3::text[], $4::text[]) AS w (namespace, key) JOIN {S}.unique_key u ON u.namespace = w.namespace AND u.key = w.key
          UNION SELECT i.job_seq FROM unnest($5::text[], $6::text[]) AS w (namespace, key) JOIN {S}.idempotency i ON i.namespace = w.namespace AND i.key = w.key)
        ORDER BY job.seq FOR UPDATE OF job
        """;

    private const string LockNumbered = $"SELECT {Whole} FROM {PostgresJobRows.From} WHERE job.seq = ANY ($1) ORDER BY job.seq FOR UPDATE OF job";

    private const string Line = $"""
        SELECT {Whole} FROM {PostgresJobRows.From} WHERE job.queue = $1 AND job.{PostgresJobSchema.Claimable} AND (job.rank, job.seq) > ($3, $4)
        ORDER BY job.rank, job.seq LIMIT $2 FOR UPDATE OF job SKIP LOCKED
        """;

    private const string Over = $"SELECT incarnation FROM {S}.member WHERE incarnation = ANY ($1) AND status = '{MemberStatus.Down}'";

    private readonly Dictionary<long, JobEntry> _entries = [];
    private readonly Dictionary<(Namespace, JobId), JobEntry?> _ids = [];       // null: there is none
    private readonly Dictionary<string, QueueEntry> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<JobEntry>> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Rank, long Seq)> _lineEnds = new(StringComparer.Ordinal);

    private void Open(JobWants wants, bool begun)
    {
        var trip = new RoundTrip(_connection);
        if (!begun) trip.Run("BEGIN", null);
        if (wants.Queues.Count > 0) LockQueues(trip, wants);
        var changed = new List<long>();
        if (wants.Known.Count > 0) LockJobs(trip, wants.Known, changed);
        if (wants.Ids.Count + wants.UniqueKeys.Count + wants.IdempotencyKeys.Count > 0) LockJobs(trip, wants);
        foreach (var (queue, count) in wants.Claims)
        {
            var line = _lines[queue] = new Queue<JobEntry>();
            ReadLine(trip, queue, count, (long.MinValue, 0), line.Enqueue);
        }
        if (wants.Known.Count > 0) _edges.ReadAwaited(trip, wants.Known.Keys);
        ReadKeys(trip, wants);
        if (wants.Owners.Count > 0) trip.Read(Over, r => _over.Add(new Incarnation(r.GetGuid(0))), Ids(wants.Owners.Select(owner => (Guid?)owner.Value)));
        if (wants.Queues.Count > 0) ReadQueues(trip, wants.Queues);
        var webhooks = _memory.WebhookEpoch;
        trip.Read(
            $"""
            SELECT {PostgresJobSchema.Tx}, {PostgresTime.Now}, (SELECT value FROM {S}.epoch WHERE name = 'webhook'),
              ARRAY(SELECT nextval('{S}.job_seq_seq') FROM generate_series(1, $1)), ARRAY(SELECT nextval('{S}.history_seq_seq') FROM generate_series(1, $2))
            """,
            r =>
            {
                Tx = r.GetInt64(0);
                _now = _memory.Clock?.GetUtcNow() ?? r.Time(1);
                webhooks = r.GetInt64(2);
                Enqueue(_jobNumbers, r, 3);
                Enqueue(_historyNumbers, r, 4);
            }, Small(wants.Jobs), Small(wants.History));
        trip.Go();
        if (_newest > 0 && (int)(_newest - (uint)Tx) > 0) throw new StaleTransactionException();
        foreach (var id in wants.Ids) _ids.TryAdd(id, null);
        if (changed.Count > 0) Load(changed);
        if (webhooks != _memory.WebhookEpoch) ReadWebhooks(webhooks);
    }

    private readonly HashSet<Incarnation> _over = [];       // its node was downed and may not have seen it yet: what it started would only be lost again
    private uint _newest;       // of the transactions that wrote what was read

    private void LockJobs(RoundTrip trip, Dictionary<long, Job> known, List<long> changed) => trip.Read(
        LockKnown,
        r =>
        {
            var job = known[r.GetInt64(0)];
            Note(r.GetFieldValue<uint>(3));
            if (job.Row.Version != r.GetInt64(1)) changed.Add(job.Row.Seq);
            else Add(new JobEntry(job.Row, job.Row, job.Args) { WasBlocked = !r.IsDBNull(2), Blocked = !r.IsDBNull(2) });
        }, Numbers(known.Keys));

    private void LockJobs(RoundTrip trip, JobWants wants) => trip.Read(
        LockNamed, r => ReadEntry(r),
        Texts(wants.Ids.Select(id => id.Namespace.Name)), Ids(wants.Ids.Select(id => (Guid?)id.Id.Value)),
        Texts(wants.UniqueKeys.Select(key => key.Namespace.Name)), Texts(wants.UniqueKeys.Select(key => key.Key)),
        Texts(wants.IdempotencyKeys.Select(key => key.Namespace.Name)), Texts(wants.IdempotencyKeys.Select(key => key.Key)));

    private void ReadLine(RoundTrip trip, string queue, int count, (long Rank, long Seq) after, Action<JobEntry> found) => trip.Read(
        Line,
        r =>
        {
            var entry = ReadEntry(r);
            var was = entry.Was ?? entry.Row;
            _lineEnds[queue] = (JobRules.Rank(was), was.Seq);
            found(entry);
        }, Text(queue), Small(count), Number(after.Rank), Number(after.Seq));

    /// <summary>The entry of a whole row; the one that is there already, where it is.</summary>
    private JobEntry ReadEntry(NpgsqlDataReader r)
    {
        if (_entries.TryGetValue(r.GetInt64(0), out var there)) return there;
        Note(r.GetFieldValue<uint>(At));
        var row = PostgresJobRows.Read(r);
        var blocked = !r.IsDBNull(At + 1);
        return Add(new JobEntry(row, row, r.GetFieldValue<byte[]>(At + 2))
        {
            WasBlocked = blocked, Blocked = blocked, Result = PostgresJobRows.ReadResult(r, At + 3), HasResult = true,
            Checkpoint = r.BytesOrNull(At + 5) is { } checkpoint ? (ReadOnlyMemory<byte>?)checkpoint : null,
        });
    }

    private JobEntry Add(JobEntry entry)
    {
        _entries[entry.Row.Seq] = entry;
        _ids[(entry.Row.Namespace, entry.Row.Id)] = entry;
        return entry;
    }

    /// <summary>Of all rows read the latest writer counts. Numbers up to 2 are of the server's own making.</summary>
    private void Note(uint writer)
    {
        if (writer > 2 && (_newest == 0 || (int)(writer - _newest) > 0)) _newest = writer;
    }

    /// <summary>The job, locked; null where there is none.</summary>
    internal JobEntry? Find(long seq)
    {
        if (!_entries.ContainsKey(seq)) Load([seq]);
        return _entries.GetValueOrDefault(seq);
    }

    internal JobEntry? Find(Namespace ns, JobId id)
    {
        if (_ids.TryGetValue((ns, id), out var entry)) return entry;
        var trip = new RoundTrip(_connection).Read(
            LockNamed, r => ReadEntry(r), Texts([ns.Name]), Ids([id.Value]), Texts([]), Texts([]), Texts([]), Texts([]));
        trip.Go();
        CheckFresh();
        _ids.TryAdd((ns, id), null);
        return _ids[(ns, id)];
    }

    /// <summary>Reads and locks jobs that are not here yet.</summary>
    internal void Load(IEnumerable<long> seqs)
    {
        var missing = seqs.Where(seq => !_entries.ContainsKey(seq)).Distinct().ToArray();
        if (missing.Length == 0) return;
        new RoundTrip(_connection).Read(LockNumbered, r => ReadEntry(r), Numbers(missing)).Go();
        CheckFresh();
    }

    /// <summary>A query for jobs with <see cref="Whole"/>; their entries, in its order.</summary>
    private List<JobEntry> Query(string sql, params NpgsqlParameter[] parameters)
    {
        var found = new List<JobEntry>();
        new RoundTrip(_connection).Read(sql, r => found.Add(ReadEntry(r)), parameters).Go();
        CheckFresh();
        return found;
    }

    /// <summary>The result of a job that succeeded; null where there is none.</summary>
    internal ReadOnlyMemory<byte>? ResultOf(long seq)
    {
        if (Find(seq) is not { } entry) return null;
        if (entry.HasResult || entry.Was is not { State: JobState.Succeeded }) return entry.Result;
        new RoundTrip(_connection).Read(
            $"SELECT result, result_coding FROM {S}.payload WHERE job_seq = $1", r => entry.Result = PostgresJobRows.ReadResult(r, 0), Number(seq)).Go();
        entry.HasResult = true;
        return entry.Result;
    }

    private void CheckFresh()
    {
        if (_newest > 0 && (int)(_newest - (uint)Tx) > 0) throw new StaleTransactionException();
    }

    private long NextHistory()
    {
        if (_historyNumbers.Count == 0)
        {
            new RoundTrip(_connection).Read(
                $"SELECT ARRAY(SELECT nextval('{S}.history_seq_seq') FROM generate_series(1, $1))", r => Enqueue(_historyNumbers, r, 0), Small(256)).Go();
        }
        return _historyNumbers.Dequeue();
    }

    private static void Enqueue(Queue<long> numbers, NpgsqlDataReader r, int column)
    {
        var taken = r.GetFieldValue<long[]>(column);
        Array.Sort(taken);
        foreach (var number in taken) numbers.Enqueue(number);
    }
}
