using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>How long a finished job is kept: as its task says, else its queue, else the node. Pure.</summary>
/// <remarks>What is over its time goes only when nothing needs it: a job that an unfinished one depends on stays, so does one that an
/// <c>Idempotency-Key</c> still answers with, and one that succeeded in a workflow of which a kept job did not (it can be run again). The stores see to that.</remarks>
public sealed class RetentionRules
{
    private readonly RetentionOptions _node;
    private readonly Func<string, RetentionPolicy?> _queue;
    private readonly Func<string, RetentionPolicy?> _task;

    /// <param name="node">What holds where nobody says otherwise.</param>
    /// <param name="queue">A queue's own, by name.</param>
    /// <param name="task">A task's own, by name.</param>
    /// <param name="owns">All of a queue or a task that there are: they tell the shortest.</param>
    public RetentionRules(RetentionOptions node, Func<string, RetentionPolicy?> queue, Func<string, RetentionPolicy?> task, IEnumerable<RetentionPolicy> owns)
    {
        (_node, _queue, _task) = (node, queue, task);
        var all = owns.SelectMany(own => new[] { own.Succeeded, own.Failed, own.Cancelled, own.Expired }).OfType<TimeSpan>();
        Shortest = all.Concat([node.Succeeded, node.Failed, node.Cancelled, node.Expired]).Min();
    }

    /// <summary>No job is deleted that was created less long ago.</summary>
    public TimeSpan Shortest { get; }

    /// <summary>Of history rows.</summary>
    public TimeSpan History => _node.History;

    /// <summary>How long after its end a job is kept.</summary>
    /// <param name="state">Final.</param>
    public TimeSpan Of(string queue, string task, JobState state) =>
        In(_task(task), state) ?? In(_queue(queue), state) ?? state switch
        {
            JobState.Succeeded => _node.Succeeded,
            JobState.Cancelled => _node.Cancelled,
            JobState.Expired => _node.Expired,
            _ => _node.Failed,
        };

    private static TimeSpan? In(RetentionPolicy? own, JobState state) => state switch
    {
        JobState.Succeeded => own?.Succeeded,
        JobState.Cancelled => own?.Cancelled,
        JobState.Expired => own?.Expired,
        _ => own?.Failed,
    };
}
