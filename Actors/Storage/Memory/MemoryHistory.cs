using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Memory;

/// <summary>The history in memory, under the job store's lock.</summary>
internal sealed class MemoryHistory
{
    private readonly SortedDictionary<long, Entry> _rows = [];

    /// <summary>The newest row's number.</summary>
    public long Last { get; private set; }

    /// <summary>The newest number that was pruned.</summary>
    public long Pruned { get; private set; }

    /// <summary>Whose rows are being written; null where only one node is there.</summary>
    public long? Origin { get; set; }

    /// <summary>A job's rows, oldest first.</summary>
    public HistoryRow[] Of(long subject) => [.. _rows.Values.Where(entry => entry.Kind == FeedKind.Job && entry.Subject == subject).Select(entry => entry.Row)];

    /// <summary>Adds a job's row, under the number that it carries.</summary>
    public void Add(JobRow job, HistoryRow row, Guid? incarnation)
    {
        Last = row.Seq;
        _rows.Add(Last, new Entry(FeedKind.Job, job.Namespace.Name, job.Seq, row, incarnation, Origin));
    }

    /// <summary>Adds a row that belongs to no job.</summary>
    public void Add(FeedNote note, DateTimeOffset at)
    {
        Last++;
        _rows.Add(Last, new Entry(note.Kind, note.Namespace, 0, new HistoryRow(Last, 1, at, null, default, 0, null, note.Detail), null, Origin));
    }

    public void Remove(long seq) => _rows.Remove(seq);

    public void RemoveOf(long subject)
    {
        foreach (var own in _rows.Where(row => row.Value.Kind == FeedKind.Job && row.Value.Subject == subject).Select(row => row.Key).ToArray()) _rows.Remove(own);
    }

    /// <summary>Removes rows that are older, except the newest; how many it removed.</summary>
    public int Prune(DateTimeOffset before, int limit)
    {
        var over = _rows.Where(row => row.Key < Last).Take(limit).Where(row => row.Value.Row.At < before).Select(row => row.Key).ToArray();
        foreach (var seq in over) _rows.Remove(seq);
        if (over.Length > 0) Pruned = Math.Max(Pruned, over[^1]);
        return over.Length;
    }

    /// <param name="jobOf">The job of a number; null where it was deleted.</param>
    public FeedSlice Read(long after, long? except, int limit, Func<long, JobRow?> jobOf)
    {
        var rows = _rows.Where(row => row.Key > after && (except is null || row.Value.Origin != except)).Take(limit)
            .Select(row => Told(row.Value, jobOf)).ToArray();
        return new FeedSlice(rows, FeedPlace.Of(Last), Pruned: after < Pruned, More: rows.Length == limit);
    }

    private static FeedRow Told(Entry entry, Func<long, JobRow?> jobOf)
    {
        var (row, moved) = (entry.Row, entry.Kind == FeedKind.Job);
        return new FeedRow
        {
            Place = FeedPlace.Of(row.Seq),
            Namespace = entry.Namespace,
            Kind = entry.Kind,
            Subject = entry.Subject,
            Version = row.Version,
            At = row.At,
            From = moved ? (int?)row.From : null,
            To = moved ? (int)row.To : null,
            Attempt = row.Attempt,
            Incarnation = entry.Incarnation,
            Node = row.Node,
            Detail = row.Detail,
            Origin = entry.Origin,
            Job = moved && jobOf(entry.Subject) is { } job
                ? new FeedJob(job.Id.Value, job.Queue, (int)job.State, job.RunAt, job.LimitKey is not null, job.StartedAt, job.FinishedAt)
                : null,
        };
    }

    private readonly record struct Entry(FeedKind Kind, string Namespace, long Subject, HistoryRow Row, Guid? Incarnation, long? Origin);
}
