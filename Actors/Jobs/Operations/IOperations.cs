using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Operations;

/// <summary>The front door to operations: one action on every job that matches a search, as a background job of its own.</summary>
/// <remarks>Expected refusals are answers; a store that is away throws <see cref="StoreUnavailableException"/>.</remarks>
public interface IOperations
{
    /// <summary>How many jobs an operation would look at now, exact up to <see cref="Search.IJobSearch.MaxCounted"/>; one more means that there are more.
    /// Those that the action does not fit (a running job cannot be deleted) count, and will be skipped.</summary>
    ValueTask<OperationReply> CountAsync(Namespace ns, string q, CancellationToken ct);

    /// <summary>Begins an operation on all jobs that were submitted before it and match when it comes to them. Durable when it returns.</summary>
    /// <param name="q">A search that is not empty.</param>
    ValueTask<OperationReply> StartAsync(Namespace ns, OperationAction action, string q, CancellationToken ct);

    /// <summary>Null where there is none.</summary>
    ValueTask<Operation?> GetAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Newest first.</summary>
    /// <param name="before"><see cref="OperationPage.Next"/> of the page before; null from the newest.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<OperationPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct);

    /// <summary>Asks an operation to stop; what it did stays done. Null where there is none; refused where it has ended, or nobody could be asked.</summary>
    ValueTask<OperationReply?> CancelAsync(Namespace ns, JobId id, CancellationToken ct);
}

public enum OperationAction
{
    Cancel,
    Rerun,
    Delete,

    /// <summary>What waits for a time starts now.</summary>
    RunNow,
}

public static class OperationActions
{
    public static IReadOnlyList<string> Words { get; } = ["cancel", "rerun", "delete", "run-now"];

    extension(OperationAction action)
    {
        public string Word => Words[(int)action];
    }

    public static bool TryParse(string? word, out OperationAction action)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if (Words[i] != word) continue;
            action = (OperationAction)i;
            return true;
        }
        action = default;
        return false;
    }
}

/// <summary>An operation as it is now.</summary>
/// <param name="Job">The job that does it; its state is the operation's.</param>
/// <param name="Q">In canonical form.</param>
/// <param name="Counts">Null before it starts, and when it did not end well.</param>
public sealed record Operation(Job Job, OperationAction Action, string Q, OperationCounts? Counts);

/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record OperationPage(IReadOnlyList<Operation> Items, long? Next);

/// <summary>How far an operation is.</summary>
/// <param name="Matched">Jobs that matched when it began; one more than 100,000 means that there are more. Those it came to, once it has ended.</param>
/// <param name="Done">Jobs on which the action took place.</param>
/// <param name="Skipped">Jobs that had gone, or whose state did not allow it.</param>
/// <param name="Failed">Jobs for which it was refused for another reason.</param>
public sealed record OperationCounts(long Matched, long Done, long Skipped, long Failed);

/// <summary>What became of a request.</summary>
public abstract record OperationReply
{
    private OperationReply()
    {
    }

    public sealed record Counted(string Q, long Matched) : OperationReply;

    public sealed record Started(Operation Operation) : OperationReply;

    /// <summary>It was asked to stop.</summary>
    public sealed record Stopping(Operation Operation) : OperationReply;

    public sealed record Refused(Refusal Refusal) : OperationReply;
}
