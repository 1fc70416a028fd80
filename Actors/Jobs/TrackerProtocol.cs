using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What can be asked of the job tracker. Replies come through the completion that a request carries, after the commit.</summary>
internal abstract record TrackerCommand
{
    private TrackerCommand()
    {
    }

    public sealed record Submit(IReadOnlyList<NewJob> Jobs, bool Atomic, TaskCompletionSource<SubmitOutcome[]> Reply) : TrackerCommand
    {
        /// <summary>The graph that the jobs make; the submit is atomic. Null for none.</summary>
        public NewWorkflow? Workflow { get; init; }
    }

    /// <summary>Whether jobs may be submitted that somebody else stores, in a transaction of its own; the store reports that write like any other.</summary>
    /// <param name="Reply">Null: they may.</param>
    public sealed record Admit(IReadOnlyList<NewJob> Jobs, TaskCompletionSource<Refusal?> Reply) : TrackerCommand;

    /// <param name="Reply">Null when there is no such job.</param>
    public sealed record Cancel(Namespace Namespace, JobId Id, TaskCompletionSource<JobOutcome?> Reply) : TrackerCommand;

    /// <param name="Reply">Whether there is such a workflow; null: the store is full.</param>
    public sealed record StopWorkflow(Namespace Namespace, WorkflowId Id, TaskCompletionSource<bool?> Reply) : TrackerCommand;

    /// <summary>Changes what is stored for a queue.</summary>
    /// <param name="Change">Null: nothing is stored any more.</param>
    /// <param name="Reply">Null when it is durable.</param>
    public sealed record SetQueue(string Queue, QueueChange? Change, TaskCompletionSource<Refusal?> Reply) : TrackerCommand;

    /// <summary>A client's command to a job that waits.</summary>
    /// <param name="Reply">Null when there is no such job.</param>
    public sealed record Ask(Namespace Namespace, JobId Id, JobCommand Command, TaskCompletionSource<JobOutcome?> Reply) : TrackerCommand;

    /// <summary>Deletes a final job.</summary>
    /// <param name="Reply">As it was; null when there is no such job.</param>
    public sealed record Delete(Namespace Namespace, JobId Id, TaskCompletionSource<JobOutcome?> Reply) : TrackerCommand;

    /// <summary>A dispatcher holds <paramref name="Permits"/> permits of its pool and wants as many jobs. Answered by <see cref="DispatcherCommand.Claimed"/>.</summary>
    public sealed record Claim(string Queue, int Permits) : TrackerCommand;

    /// <summary>Tell <paramref name="Waiter"/> of the job's next change.</summary>
    public sealed record Await(JobWaiter Waiter) : TrackerCommand;

    /// <summary>The same for a job that runs here; should it run no more, the waiter is told to ask the store.</summary>
    public sealed record AwaitEnd(JobWaiter Waiter) : TrackerCommand;

    public sealed record Leave(JobWaiter Waiter) : TrackerCommand;

    public sealed record Subscribe(JobSubscription Subscription) : TrackerCommand;

    public sealed record Unsubscribe(JobSubscription Subscription) : TrackerCommand;

    /// <summary>The store reports writes of one transaction.</summary>
    public sealed record Reported(IReadOnlyList<JobWrite> Writes) : TrackerCommand;

    public sealed record Progressed(RunningAttempt Attempt, ProgressReport Progress) : TrackerCommand;

    /// <summary>The attempt has a newer checkpoint.</summary>
    public sealed record Saved(RunningAttempt Attempt) : TrackerCommand;

    public sealed record Logged(RunningAttempt Attempt, LogLine Line) : TrackerCommand;

    /// <summary>What the store says runs under this node's incarnation, to be held against what does.</summary>
    public sealed record Compare(IReadOnlyList<Job> Rows) : TrackerCommand;

    /// <summary>Jobs that others changed, as they are now.</summary>
    public sealed record Learnt(IReadOnlyList<Job?> Jobs) : TrackerCommand;

    /// <summary>The store did not say what others changed.</summary>
    public sealed record Unlearnt(Exception Cause) : TrackerCommand;

    /// <summary>What is stored for queues.</summary>
    public sealed record Settings(IReadOnlyDictionary<string, QueueOverrides> Stored) : TrackerCommand;

    /// <summary>Jobs of all namespaces as the store counts them.</summary>
    public sealed record Counted(IReadOnlyList<JobCount> Counts) : TrackerCommand;

    /// <summary>Changes of all nodes, in the feed's order, for those who follow.</summary>
    public sealed record Happened(IReadOnlyList<ToldJob> Told) : TrackerCommand;

    /// <summary>Changes were deleted before they could be told to those who follow.</summary>
    public sealed record Missed : TrackerCommand
    {
        public static Missed Instance { get; } = new();
    }

    /// <summary>Take no more work; let go what still runs after <paramref name="Patience"/>. <paramref name="Done"/> completes when nothing runs.</summary>
    public sealed record Drain(TimeSpan Patience, TaskCompletionSource Done) : TrackerCommand;

    /// <summary>The drain is over: whoever waits or watches is let go.</summary>
    public sealed record LetGo : TrackerCommand
    {
        public static LetGo Instance { get; } = new();
    }
}

/// <summary>What a queue's dispatcher is told.</summary>
internal abstract record DispatcherCommand
{
    private DispatcherCommand()
    {
    }

    /// <summary>Jobs joined the line, or a limit lets so many more of it start; about so many.</summary>
    public sealed record Arrived(int Count) : DispatcherCommand;

    /// <summary>What a claim took; fewer than <paramref name="Asked"/> when the line ended, or limits let no more start.</summary>
    public sealed record Claimed(int Asked, IReadOnlyList<RunningAttempt> Taken) : DispatcherCommand;

    public sealed record Drain : DispatcherCommand;
}
