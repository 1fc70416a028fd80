using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Rows of the feed as events of jobs.</summary>
internal static class FeedEvents
{
    private const int MaxRead = 1_000;

    /// <summary>One event per row, in their order; rows of other kinds and of jobs that are gone tell nothing.</summary>
    /// <param name="wanted">Rows that somebody wants.</param>
    public static async Task<IReadOnlyList<ToldJob>> LoadAsync(IJobStore store, IEnumerable<FeedRow> rows, Func<FeedRow, bool> wanted, CancellationToken ct)
    {
        FeedRow[] told = [.. rows.Where(row => row is { Kind: FeedKind.Job, Job: not null } && wanted(row))];
        if (told.Length == 0) return [];
        var jobs = new Dictionary<(string, Guid), Job>(told.Length);
        foreach (var of in told.GroupBy(row => row.Namespace))
        {
            foreach (var ids in of.Select(row => new JobId(row.Job!.Value.Id)).Distinct().Chunk(MaxRead))
                foreach (var job in await store.ReadManyAsync(Namespace.FromStore(of.Key), ids, ct))
                    if (job is not null) jobs[(of.Key, job.Row.Id.Value)] = job;
        }
        var events = new List<ToldJob>(told.Length);
        foreach (var row in told)
            if (jobs.TryGetValue((row.Namespace, row.Job!.Value.Id), out var job)) events.Add(Of(row.Place, (JobState)row.To!.Value, row.Version, row.Attempt, job));
        return events;
    }

    /// <summary>What runs on other nodes have said, as events; of runs that are over, and of those of this node, nothing.</summary>
    /// <param name="wanted">Notes that somebody wants.</param>
    public static async Task<IReadOnlyList<ToldJob>> LoadAsync(IJobStore store, IReadOnlyList<RunNote> notes, RunningAttempts running, Func<RunNote, bool> wanted, CancellationToken ct)
    {
        var events = new List<ToldJob>();
        foreach (var of in notes.Where(note => !running.Holds(note.Namespace, note.Job) && wanted(note)).GroupBy(note => note.Namespace))
        {
            JobId[] ids = [.. of.Select(note => note.Job).Distinct()];
            var jobs = (await store.ReadManyAsync(of.Key, ids, ct)).OfType<Job>().ToDictionary(job => job.Row.Id);
            foreach (var note in of)
            {
                if (!jobs.TryGetValue(note.Job, out var job) || !job.Row.State.IsActive || job.Row.Attempt != note.Attempt) continue;
                if (note.Progress is { } progress) events.Add(new ToldJob(job, new JobEvent.Progress(note.Job, progress)));
                for (var i = 0; i < note.Lines.Count; i++) events.Add(new ToldJob(job, new JobEvent.Log(note.Job, note.Attempt, note.Lines[i]) { Number = note.First + i }));
            }
        }
        return events;
    }

    /// <summary>A past change: the job as it is now, with the state it had then, and without what came after it: an outcome, an end, the start of a later run.</summary>
    public static ToldJob Of(FeedPlace place, JobState state, long version, int attempt, Job job)
    {
        var then = version == job.Row.Version ? job : job with { Row = Then(job.Row, state, version, attempt), Result = state == JobState.Succeeded ? job.Result : null, Progress = null };
        return new ToldJob(then, state.IsFinal ? new JobEvent.Done(job.Row.Id, place, then) : new JobEvent.State(job.Row.Id, place, then));
    }

    /// <summary>The error of a past attempt is not kept with its change; it is in the job's history.</summary>
    private static JobRow Then(JobRow row, JobState state, long version, int attempt) => row with
    {
        State = state,
        Version = version,
        Attempt = attempt,
        FinishedAt = state.IsFinal ? row.FinishedAt : null,
        StartedAt = attempt == row.Attempt && attempt > 0 ? row.StartedAt : null,
        Error = state.IsFinal || (state == JobState.Retrying && attempt == row.Attempt) ? row.Error : null,
        Cached = state.IsFinal && row.Cached,
        Run = state.IsActive && attempt == row.Attempt ? row.Run : null,
        Node = attempt == row.Attempt && attempt > 0 ? row.Node : null,
    };

    /// <summary>Where an event stands; null for one that has no place.</summary>
    public static FeedPlace? PlaceOf(JobEvent happened) => happened switch
    {
        JobEvent.State state => state.Place,
        JobEvent.Done done => done.Place,
        _ => null,
    };
}

/// <summary>An event, and the job as of it.</summary>
internal readonly record struct ToldJob(Job Job, JobEvent Event);
