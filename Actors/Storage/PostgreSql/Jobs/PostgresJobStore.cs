using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Jobs in a PostgreSQL database, which several nodes may share: each has a store of its own, and what they agree on stands in rows and their locks.</summary>
/// <remarks>Writes of one job go through one lane, so they take place in the order in which they were posted. Which lane reports first is left open.</remarks>
internal sealed class PostgresJobStore : IJobStore, IDisposable
{
    /// <summary>Connections that write, unless said otherwise: as many as processors, 2 to 4. More of them wait less for the server; fewer have more to write at once, which costs less.</summary>
    public static int DefaultLanes { get; } = Math.Clamp(Environment.ProcessorCount, 2, 4);

    private readonly PostgresDatabase _database;
    private readonly TimeProvider? _clock;
    private readonly JobLane[] _lanes;
    private readonly Func<string, LaneConnection, JobLane> _lane;
    private readonly Lock _reporting = new();

    /// <param name="database">Stays the caller's: dispose of it after this.</param>
    /// <param name="random">Of leases and jitter.</param>
    /// <param name="origin">The node's mark on its rows of the feed.</param>
    /// <param name="clock">In place of the server's clock; null but in tests.</param>
    /// <param name="lanes">Connections that write; 1 to 64. Null: <see cref="DefaultLanes"/>.</param>
    public PostgresJobStore(PostgresDatabase database, Random random, long origin = 0, TimeProvider? clock = null, int? lanes = null)
    {
        var count = lanes ?? DefaultLanes;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(lanes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 64, nameof(lanes));
        (_database, _clock) = (database, clock);
        var signals = new FlowSignals();
        var seeds = new Random(random.Next());      // lanes are made later, too, one at a time
        _lane = (name, connection) => new JobLane(name, connection, new LaneMemory(new Random(seeds.Next()), clock, origin, signals, Told), Report);
        _lanes = [.. Enumerable.Range(1, count).Select(number => _lane($"job writes {number}", new LaneConnection(database.Unpooled, TimeProvider.System)))];
    }

    /// <summary>A node's jobs among its other stores: it marks and announces its rows of the feed, and the sender of webhooks hears of what is to be sent.</summary>
    public static PostgresJobStore Of(PostgresDatabase database, PostgresHints hints, PostgresWebhookStore webhooks, Random random, TimeProvider? clock = null, int? lanes = null) =>
        new(database, random, hints.Origin, clock, lanes) { Committed = hints.Tell, DeliveriesWritten = webhooks.Wrote };

    public Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    /// <summary>Lanes commit beside each other.</summary>
    public bool IsInOrder => _lanes.Length == 1;

    /// <summary>Told after each commit; on a lane's thread, so it must not wait.</summary>
    public Action? Committed { get; init; }

    /// <summary>Told after a commit that gave the sender of webhooks something to look at; on a lane's thread, so it must not wait.</summary>
    public Action? DeliveriesWritten { get; init; }

    /// <summary>How the lanes stand.</summary>
    public IReadOnlyList<WriteLane> Lanes =>
        [.. _lanes.Select(static (lane, i) => new WriteLane((i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), lane.Waiting, lane.Meter))];

    public bool TryPost(JobWrite write) => _lanes[LaneOf(write)].TryPost(write);

    /// <summary>A lane for callers' own work, which is the caller's to dispose of, before this. Not from two threads at once.</summary>
    public JobLane MakeOwnLane(int number) => _lane($"own work {number}", new LaneConnection(_database.Own, TimeProvider.System, kept: false));

    public ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) => AskAsync(() => PostgresJobReader.ReadManyAsync(_database.Source, ns, ids, ct));

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) => AskAsync(() => PostgresJobReader.ReadResultAsync(_database.Source, ns, id, ct));

    public ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct) => AskAsync(() => PostgresJobReader.ReadHistoryAsync(_database.Source, ns, id, ct));

    public ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct) =>
        AskAsync(() => PostgresNoteReader.ProgressAsync(_database.Source, running, ct));

    public ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct) =>
        AskAsync(async () => new RunNotes(_clock?.GetUtcNow() ?? await PostgresJobReader.NowAsync(_database.Source, ct), await PostgresNoteReader.NotesAsync(_database.Source, since, limit, ct)));

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct) => AskAsync(async () => await (await SearchAsync(query, ct)).ListAsync(ct));

    public ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct) => AskAsync(async () => await (await SearchAsync(query, ct)).CountAsync(ct));

    public ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct) => AskAsync(() => PostgresJobReader.TagsAsync(_database.Source, ns, prefix, limit, ct));

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct) => AskAsync(() => PostgresJobReader.CountAsync(_database.Source, ns, ct));

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct) => AskAsync(() => PostgresFlowReader.OldestAsync(_database.Source, ns, ct));

    public ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct) => AskAsync(() => PostgresJobReader.ReadRunningAsync(_database.Source, owner, ct));

    public ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct) => AskAsync(() => PostgresJobReader.NextDueAsync(_database.Source, ct));

    public ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct) => AskAsync(() => PostgresFlowReader.SettingsAsync(_database.Source, ct));

    public ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct) =>
        AskAsync(() => PostgresFlowReader.UseAsync(_database.Source, ns, queues, keys, ct));

    public ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct) => AskAsync(() => PostgresFlowReader.CountBeforeAsync(_database.Source, job, atMost, ct));

    public ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct) =>
        AskAsync(() => PostgresFlowReader.KeysAsync(_database.Source, ns, after, limit, ct));

    /// <summary>Commits what was posted, as far as the server is there.</summary>
    public void Dispose()
    {
        foreach (var lane in _lanes) lane.Dispose();
    }

    private static async ValueTask<T> AskAsync<T>(Func<Task<T>> ask) => await PostgresFaults.AskAsync(ask);

    private async Task<PostgresJobSearch> SearchAsync(JobQuery query, CancellationToken ct) =>
        await PostgresJobSearch.BeginAsync(_database.Source, query, _clock?.GetUtcNow() ?? await PostgresJobReader.NowAsync(_database.Source, ct), ct);

    private void Told(bool deliveries)
    {
        if (deliveries) DeliveriesWritten?.Invoke();
        Committed?.Invoke();
    }

    private int LaneOf(JobWrite write)
    {
        var hash = write switch
        {
            JobWrite.Submit { Jobs: [var first, ..] } => first.Row.Id.GetHashCode(),
            JobWrite.Change change => change.Id.GetHashCode(),
            JobWrite.Save save => save.Job.Row.Id.GetHashCode(),
            JobWrite.Note note => note.Job.Row.Id.GetHashCode(),
            JobWrite.Delete delete => delete.Id.GetHashCode(),
            JobWrite.Claim claim => string.GetHashCode(claim.Queue, StringComparison.Ordinal),
            JobWrite.SetQueue set => string.GetHashCode(set.Queue, StringComparison.Ordinal),
            JobWrite.StopWorkflow stop => stop.Id.GetHashCode(),
            _ => 0,
        };
        return (int)((uint)hash % (uint)_lanes.Length);
    }

    private void Report(IReadOnlyList<JobWrite> writes)
    {
        if (writes.Count == 0) return;
        lock (_reporting) Reported?.Invoke(writes);
    }
}
