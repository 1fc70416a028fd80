using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Everything that a transaction changes beside the rows of its jobs, summed up until it is sent.</summary>
internal sealed partial class JobChanges
{
    private readonly Dictionary<(Namespace Namespace, string Queue, string Task, JobState State), long> _counts = [];

    public LimitBook Keys { get; } = new();

    public List<HistoryLine> History { get; } = [];

    public List<Delivery> Deliveries { get; } = [];

    public List<(JobRow Row, string Tag)> Tags { get; } = [];

    /// <summary>Taken away before <see cref="Tags"/> are added.</summary>
    public List<(JobRow Row, string Tag)> Untagged { get; } = [];

    public List<(JobRow Row, string Path, string Value)> Terms { get; } = [];

    public Dictionary<(long Seq, int Attempt), (JobRow Row, AttemptRecord Attempt)> Attempts { get; } = [];

    /// <summary>What runs under way have said, by number of the first line.</summary>
    public Dictionary<(long Seq, int Attempt, int First), (DateTimeOffset At, byte[] Body)> Notes { get; } = [];

    /// <summary>Runs that have ended; behind <see cref="Notes"/>.</summary>
    public List<(long Seq, int Attempt)> EndedNotes { get; } = [];

    public Dictionary<(Namespace Namespace, string Key), JobRow> TakenKeys { get; } = [];

    /// <summary>Jobs whose unique key is free again; before <see cref="TakenKeys"/>.</summary>
    public List<JobRow> ReleasedKeys { get; } = [];

    public Dictionary<(Namespace Namespace, string Key), JobUnit.Answer> Answers { get; } = [];

    public List<(Namespace Namespace, GraphEdge Edge)> NewEdges { get; } = [];

    public List<(Namespace Namespace, GraphEdge Edge)> ClosedEdges { get; } = [];

    /// <summary>Before <see cref="NewEdges"/> are added.</summary>
    public List<(long Child, EdgeKind Kind)> RemovedEdges { get; } = [];

    public List<JobRow> Deleted { get; } = [];

    /// <summary>Results that go to the second level of the cache with the finish of their job.</summary>
    public List<StoredEntry> Remembered { get; } = [];

    /// <summary>What was set for a queue; at most one in a transaction.</summary>
    public (string Queue, QueueOverrides Now)? Setting { get; set; }

    /// <summary>Starts of the queue whose claim this transaction is.</summary>
    public (string Queue, RateWindow Starts)? QueueStarts { get; set; }

    /// <summary>It ends runs with results.</summary>
    public bool HasResults { get; set; }

    private (NewWorkflow Workflow, IReadOnlyList<long?> Members)? Workflow { get; set; }

    /// <param name="members">Numbers of its jobs; null for one that was kept and has been removed since it was looked up.</param>
    public void AddWorkflow(NewWorkflow workflow, IReadOnlyList<long?> members) => Workflow = (workflow, members);

    public void AddHistory(JobRow row, JobState? from, DateTimeOffset at, long seq, long? previous, Run? run, string? detail) =>
        History.Add(new HistoryLine(seq, row.Namespace.Name, 1, row.Seq, row.Version, at, from, row.State, row.Attempt, run?.Owner.Value, run is null ? null : row.Node, detail, previous));

    /// <summary>Belongs to no namespace and no job: the empty name, subject 0.</summary>
    public void AddQueueHistory(long seq, DateTimeOffset at, FeedNote note) =>
        History.Add(new HistoryLine(seq, note.Namespace, (int)note.Kind, 0, 1, at, null, null, 0, null, null, note.Detail, null));

    public void Count(JobRow row, JobState state, long delta)
    {
        ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, (row.Namespace, row.Queue, row.Task, state), out _);
        sum += delta;
    }

    /// <summary>A row of the feed.</summary>
    internal sealed record HistoryLine(
        long Seq, string Namespace, int Kind, long Subject, long Version, DateTimeOffset At, JobState? From, JobState? To, int Attempt, Guid? Incarnation, string? Node, string? Detail, long? Previous);
}
