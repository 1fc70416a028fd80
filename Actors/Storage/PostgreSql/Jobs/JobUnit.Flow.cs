using ActorPerf.Jobs;
using ActorPerf.Tasks;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Claims under limits, and settings of queues. <see cref="FlowPass"/> decides; what it decides on is read under locks, so a limit holds over all nodes.</content>
/// <remarks>The queue's lock is held alone, so nobody else counts its runs and starts; the rows of the limit keys that come into question are locked, so nobody else counts theirs. Ends of runs
/// need neither: until such a transaction commits its run still counts, and when it has, it sees whom the claim left blocked and tells.</remarks>
internal sealed partial class JobUnit : IFlowRows
{
    /// <summary>Keys with blocked jobs whose concurrency has room that one claim puts into its book.</summary>
    public const int MaxLines = 1_000;

    /// <summary>Keys with blocked jobs that one claim steps over.</summary>
    private const int MaxSteps = 10_000;

    /// <summary>Where there are more, so long until the next ones are looked at if nothing happens before.</summary>
    private static readonly TimeSpan NextLines = TimeSpan.FromSeconds(1);

    // Distinct keys of the queue's blocked jobs behind a place, a step of the index each; how many wait is counted as far as it matters. Those at their concurrency are passed over
    // unlocked: whose run ends after this look finds their blocked job and wakes the queue. Named keys ($4) have limits of their own, which the claim looks at.
    private static readonly string Lines = $"""
        WITH RECURSIVE line AS (
          (SELECT namespace, limit_key, 1 AS n FROM {S}.job WHERE queue = $1 AND {PostgresJobSchema.Blocked} AND (namespace, limit_key) > ($6, $7) ORDER BY namespace, limit_key LIMIT 1)
          UNION ALL
          SELECT next.namespace, next.limit_key, line.n + 1 FROM line, LATERAL (
            SELECT j.namespace, j.limit_key FROM {S}.job j WHERE j.queue = $1 AND j.{PostgresJobSchema.Blocked} AND (j.namespace, j.limit_key) > (line.namespace, line.limit_key)
            ORDER BY j.namespace, j.limit_key LIMIT 1) next WHERE line.n < {MaxSteps})
        SELECT l.namespace, l.limit_key,
          (SELECT count(*) FROM (SELECT 1 FROM {S}.job j WHERE j.queue = $1 AND j.namespace = l.namespace AND j.limit_key = l.limit_key AND j.{PostgresJobSchema.Blocked} LIMIT $2) c), l.n
        FROM (
          SELECT * FROM line
          WHERE n = {MaxSteps} OR limit_key = ANY ($4)
            OR $5 > coalesce((SELECT k.running FROM {S}.limit_key k WHERE k.namespace = line.namespace AND k.key = line.limit_key), 0) LIMIT $3) l
        """;

    private const string LockKeys = $"""
        SELECT k.namespace, k.key, k.running, k.queued, k.queue, k.starts FROM {S}.limit_key k
        WHERE (k.namespace, k.key) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY k.namespace, k.key FOR UPDATE
        """;

    private const string FirstBlocked = $"""
        SELECT {Whole} FROM {PostgresJobRows.From}
        WHERE job.queue = $1 AND job.namespace = $2 AND job.limit_key = $3 AND job.{PostgresJobSchema.Blocked} ORDER BY job.rank, job.seq LIMIT $4 FOR UPDATE OF job SKIP LOCKED
        """;

    private readonly HashSet<(Namespace, string)> _lockedKeys = [];
    private readonly Dictionary<(Namespace, string), string?> _starts = [];       // of limit keys, as read
    private readonly SortedDictionary<(long Rank, long Seq), JobEntry> _unblocked = [];
    private FlowBook? _book;        // of the claim under limits that is this transaction
    private long _running;          // of its queue

    long IFlowRows.Running(string queue) => _running;

    void IFlowRows.Block(JobRow row) => _entries[row.Seq].Blocked = true;

    int IFlowRows.Unblock(FlowLine line, int count)
    {
        var found = Query(FirstBlocked, Text(line.Queue.Name), Text(line.Key.Namespace.Name), Text(line.Key.Name), Small(count));
        foreach (var entry in found)
        {
            entry.Blocked = false;
            _unblocked[Place(entry.Row)] = entry;
        }
        return found.Count;
    }

    private void ClaimUnder(JobWrite.Claim claim, QueueEntry queue)
    {
        // Before anything is counted: who ends a run from here on wakes the queue.
        _memory.Signals.SetStalled(claim.Queue, true);
        var book = _book = new FlowBook();
        book.Put(claim.Queue, queue.Stored);
        book.PutStarts(claim.Queue, queue.Starts);
        var limits = queue.Stored.Over(claim.Limits?.Queue ?? QueueLimits.None);
        var isPart = ReadUse(claim, limits.KeyConcurrency, book);
        if (book.Enter(claim, this, _now) is not { } pass) return;
        pass.Open();
        Meet(claim, pass);
        pass.Close();
        if (isPart && pass.Left > 0 && !(claim.LookAgain <= _now + NextLines)) claim.LookAgain = _now + NextLines;
        foreach (var known in book.Queues.Where(known => known.Name == claim.Queue)) _memory.Signals.SetStalled(claim.Queue, known.Stalled);
        foreach (var key in book.TakeDirtyKeys())
            if (key.Starts.Write() != _starts.GetValueOrDefault((key.Namespace, key.Name))) _changes.Keys.Started(_write!, key, claim.Queue);
        foreach (var dirty in book.TakeDirtyQueues()) _changes.QueueStarts = (dirty.Name, dirty.Starts);
    }

    /// <summary>How much is used of the queue, and of the keys that jobs of it wait for.</summary>
    /// <returns>Whether there may be more such keys: the next claim begins behind those of this one.</returns>
    private bool ReadUse(JobWrite.Claim claim, int keyConcurrency, FlowBook book)
    {
        var behind = _memory.Signals.LastLine(claim.Queue);
        var lines = new Dictionary<(Namespace, string), long>();
        var trip = new RoundTrip(_connection)
            .Read($"SELECT coalesce(sum(count), 0)::bigint FROM {S}.counter WHERE queue = $1 AND (state = 3 OR state = 5)", r => _running = r.GetInt64(0), Text(claim.Queue));
        var last = ReadLines(trip, behind);
        // To the end of the round; where that comes to lines of the first part, all have been seen.
        if (last is null && behind is not null) last = ReadLines(new RoundTrip(_connection), null);
        _memory.Signals.SetLastLine(claim.Queue, last);
        LockLimits(book, lines.Keys);
        foreach (var ((ns, key), count) in lines) book.PutBlocked(ns, key, claim.Queue, count);
        return last is not null;

        // The last of them where there may be more.
        (string Namespace, string Key)? ReadLines(RoundTrip trip, (string Namespace, string Key)? after)
        {
            var (most, read) = (MaxLines - lines.Count, 0);
            (string Namespace, string Key)? last = null;
            var isPart = false;
            trip.Read(
                Lines,
                r =>
                {
                    last = (r.GetString(0), r.GetString(1));
                    var isNew = lines.TryAdd((Namespace.FromStore(last.Value.Namespace), last.Value.Key), r.GetInt64(2));
                    isPart = isNew && (++read == most || r.GetInt32(3) == MaxSteps);
                },
                Text(claim.Queue), Small(claim.Count + 1), Small(most), Texts(claim.Limits?.Keys.Keys ?? []), Number(keyConcurrency == 0 ? long.MaxValue : keyConcurrency),
                Text(after?.Namespace ?? ""), Text(after?.Key ?? "")).Go();
            return isPart ? last : null;
        }
    }

    /// <summary>Locks the rows of limit keys, and puts what they say into the book.</summary>
    private void LockLimits(FlowBook book, IEnumerable<(Namespace Namespace, string Key)> keys)
    {
        var wanted = keys.Where(_lockedKeys.Add).ToArray();
        if (wanted.Length == 0) return;
        new RoundTrip(_connection).Read(
            LockKeys,
            r =>
            {
                var (ns, key) = (Namespace.FromStore(r.GetString(0)), r.GetString(1));
                book.PutKey(ns, key, r.GetInt64(2), r.GetInt64(3), r.TextOrNull(4), RateWindow.Read(_starts[(ns, key)] = r.TextOrNull(5)));
            },
            Texts(wanted.Select(key => key.Namespace.Name)), Texts(wanted.Select(key => key.Key))).Go();
    }

    /// <summary>Meets the jobs of the line in their order, those let back into it among them.</summary>
    private void Meet(JobWrite.Claim claim, FlowPass pass)
    {
        var from = (Rank: long.MinValue, Seq: 0L);
        while (pass.Left > 0)
        {
            var asked = pass.Rows;
            var page = ReadLine(claim.Queue, asked, from);
            var isLast = page.Count < asked;
            from = isLast ? (long.MaxValue, long.MaxValue) : Place(page.Last().Row);
            var met = page.ToDictionary(entry => Place(entry.Row));
            foreach (var (place, entry) in _unblocked)
                if (place.CompareTo(from) <= 0) met[place] = entry;
            LockLimits(_book!, met.Values.Select(entry => entry.Row).Where(row => row.LimitKey is not null).Select(row => (row.Namespace, row.LimitKey!)));
            foreach (var (place, entry) in met.OrderBy(met => met.Key))
            {
                if (pass.Left == 0) return;
                _unblocked.Remove(place);
                if (!JobRules.IsOverdue(entry.Row, _now) && !pass.Passes(entry.Row)) continue;
                Take(claim, entry);
                if (entry.Row.State == JobState.Running) pass.Took(entry.Row);
            }
            if (isLast) return;
        }
    }

    private static (long Rank, long Seq) Place(JobRow row) => (JobRules.Rank(row), row.Seq);

    private void SetQueue(JobWrite.SetQueue set)
    {
        var before = _queues[set.Queue].Stored;
        set.Now = set.Setting?.Apply(before) ?? QueueOverrides.None;
        if (set.Now == before) return;
        _changes.Setting = (set.Queue, set.Now);
        _changes.AddQueueHistory(NextHistory(), _now, QueueNote.Of(set.Queue, set.Now));
        _changes.Keys.Wake(set, set.Queue);
        _memory.Signals.SetLimited(set.Queue, true);
    }
}
