using System.Threading.Channels;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A watcher of one job, or of a namespace's jobs that match. Bounded: who reads too slowly is told <see cref="JobEvent.Reset"/> and goes on from there.</summary>
internal sealed class JobSubscription(Namespace ns, JobId? id, JobQuery? query)
{
    private const int Capacity = 1_024;

    private readonly Channel<JobEvent> _events = Channel.CreateBounded<JobEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly JobFilter? _wanted = query?.Wanted();
    private bool _missed;

    public ChannelReader<JobEvent> Events => _events.Reader;

    public bool Wants(Job job, DateTimeOffset now) => job.Row.Namespace == ns
        && (id is { } one ? job.Row.Id == one : _wanted is null || _wanted.Matches(job.Row, job.Args, now, query!.Hidden));

    public void Tell(JobEvent happened)
    {
        if (_missed && !_events.Writer.TryWrite(new JobEvent.Reset())) return;
        _missed = !_events.Writer.TryWrite(happened);
    }

    /// <summary>Nothing more will come.</summary>
    public void End() => _events.Writer.TryComplete();
}
