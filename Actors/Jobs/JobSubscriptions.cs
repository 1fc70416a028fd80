using System.Threading.Channels;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A watcher of one job, or of a namespace's jobs that match. Bounded: who reads too slowly is told <see cref="JobEvent.Reset"/> and goes on from there.</summary>
internal sealed class JobSubscription(Namespace ns, JobId? id, JobQuery? query)
{
    private const int Capacity = 1_024;

    private readonly Channel<JobEvent> _events = Channel.CreateBounded<JobEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private bool _missed;

    public ChannelReader<JobEvent> Events => _events.Reader;

    public bool Wants(JobRow row) => row.Namespace == ns && (id is { } one ? row.Id == one : query is null || Matches(row, query));

    public void Tell(JobEvent happened)
    {
        if (_missed && !_events.Writer.TryWrite(new JobEvent.Reset())) return;
        _missed = !_events.Writer.TryWrite(happened);
    }

    /// <summary>Nothing more will come.</summary>
    public void End() => _events.Writer.TryComplete();

    private static bool Matches(JobRow row, JobQuery query) =>
        (query.States.Count == 0 || query.States.Contains(row.State))
        && (query.Task is null || row.Task == query.Task)
        && (query.Queue is null || row.Queue == query.Queue)
        && (query.Tag is null || row.Tags.Contains(query.Tag));
}
