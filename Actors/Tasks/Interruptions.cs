namespace ActorPerf.Tasks;

/// <summary>A task throws it to end this run and be run again later; the run costs no attempt (it is excused).</summary>
/// <param name="delay">At least so long; 1 ms to 3,653 days. Shorter and longer ones are brought into these bounds.</param>
/// <remarks>Under <c>/compute</c>, where nothing can wait, it is a failure like any other.</remarks>
public sealed class SnoozeException(TimeSpan delay) : Exception($"The task snoozes for {Durations.Format(delay)}.")
{
    public TimeSpan Delay { get; } = delay;
}

/// <summary>A task throws it when it failed and knows when another attempt may help; that delay takes the place of the back-off's.</summary>
/// <param name="delay">0 to 3,653 days.</param>
/// <param name="message">Why it failed, for people.</param>
/// <param name="innerException">What went wrong; its type becomes the error's type. Null: the type is <c>RetryAfterException</c>.</param>
public sealed class RetryAfterException(TimeSpan delay, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan Delay { get; } = delay;
}

/// <summary>A task throws it to submit jobs and be run again when all of them are final: meanwhile it holds no routee, and the run costs no attempt.
/// The children are stored in the transaction that sets the parent aside; the next run finds them in <see cref="TaskContext.Children"/>.</summary>
/// <param name="children">1 to 1,000, of the parent's namespace.</param>
/// <param name="checkpoint">UTF-8 JSON that the next run finds in <see cref="TaskContext.Checkpoint"/>; null keeps the one that is there.</param>
public sealed class WaitForChildrenException(IReadOnlyList<ChildJob> children, ReadOnlyMemory<byte>? checkpoint = null)
    : Exception($"The task waits for {children.Count} children.")
{
    public IReadOnlyList<ChildJob> Children { get; } = children;

    public ReadOnlyMemory<byte>? Checkpoint { get; } = checkpoint;
}

/// <summary>A job that a running task wants run before it goes on.</summary>
/// <param name="Task">A task of the node.</param>
/// <param name="Args">UTF-8 JSON, checked as a submission's is.</param>
/// <param name="Name">Tells the child from its siblings when the parent goes on; null for none. At most 100 characters.</param>
/// <param name="Queue">Null: the task's queue.</param>
public sealed record ChildJob(string Task, ReadOnlyMemory<byte> Args, string? Name = null, string? Queue = null);

/// <summary>What became of a child.</summary>
/// <param name="State">The final state's word: <c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</param>
/// <param name="Result">UTF-8 JSON; null unless it succeeded (and the result is still kept).</param>
/// <param name="Error">Null unless it failed.</param>
public sealed record ChildOutcome(Guid Id, string? Name, string State, ReadOnlyMemory<byte>? Result, TaskError? Error);
