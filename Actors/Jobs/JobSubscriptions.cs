using System.Threading.Channels;
using ActorPerf.Cluster;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A watcher of one job, or of a namespace's jobs that match. Bounded: who reads too slowly is told <see cref="JobEvent.Reset"/> and goes on from there.</summary>
/// <remarks>The reset stands in the place of what was left out, the last of what lies there: whoever reads that far learns of it, though nothing may happen any more.</remarks>
internal sealed class JobSubscription(Namespace ns, JobId? id, JobQuery? query)
{
    private const int Capacity = 1_024;

    private readonly Channel<JobEvent> _events = Channel.CreateBounded<JobEvent>(
        new BoundedChannelOptions(Capacity + 1) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly JobFilter? _wanted = query?.Wanted();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _missed;

    public ChannelReader<JobEvent> Events => _events.Reader;

    /// <summary>Completes when every change from then on is told; also when nothing more will come.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Whether a change may concern it; <see cref="Wants(Job, DateTimeOffset)"/> knows when the job is at hand.</summary>
    public bool MayWant(FeedRow row) => row.Namespace == ns.Name && (id is not { } one || row.Job?.Id == one.Value);

    /// <summary>As for a change.</summary>
    public bool MayWant(RunNote note) => note.Namespace == ns && (id is not { } one || note.Job == one);

    public void Begin() => _begun.TrySetResult();

    public bool Wants(Job job, DateTimeOffset now)
    {
        using var args = new SearchedArguments(job.Args);
        return Wants(job, args, now);
    }

    /// <param name="args">Of the job, for all who are asked about it.</param>
    public bool Wants(Job job, SearchedArguments args, DateTimeOffset now) => job.Row.Namespace == ns
        && (id is { } one ? job.Row.Id == one : _wanted is null || _wanted.Matches(job.Row, args, now, query!.Hidden));

    public void Tell(JobEvent happened)
    {
        // The place behind the last event is the reset's, which stays there until there is room for others.
        if (_events.Reader.Count < Capacity) _missed = !_events.Writer.TryWrite(happened);
        else if (!_missed) _missed = _events.Writer.TryWrite(new JobEvent.Reset());
    }

    /// <summary>Nothing more will come.</summary>
    public void End()
    {
        _events.Writer.TryComplete();
        _begun.TrySetResult();
    }
}
