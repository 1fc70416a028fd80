using ActorPerf.Cluster;

namespace ActorPerf.Data;

/// <summary>A statement failed for a reason that lies neither in the entity nor in a moment's trouble. The cause is the inner exception.</summary>
public sealed class StatementFailedException : Exception
{
    public StatementFailedException()
        : this("The store refused the statement.")
    {
    }

    public StatementFailedException(string message)
        : base(message)
    {
    }

    public StatementFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Why a statement failed, and what that means for those in its batch.</summary>
internal enum FaultSort
{
    /// <summary>The store is away for a moment: the same batch again.</summary>
    Transient,

    /// <summary>Every statement would fail: all at once.</summary>
    Systemic,

    /// <summary>One entity's own doing: halve until it is alone.</summary>
    OfOneEntity,

    /// <summary>Nobody said: halve, unless both halves fail in the same way.</summary>
    Unknown,
}

internal static class StoreFaults
{
    public static FaultSort SortOf(Exception fault) => fault switch
    {
        CommitUnknownException or StoreFullException or TimeoutException or OperationCanceledException => FaultSort.Systemic,
        StoreUnavailableException => FaultSort.Transient,
        EntityFaultException => FaultSort.OfOneEntity,
        _ => FaultSort.Unknown,
    };

    /// <summary>An exception of its own for each who waits: one object thrown in many places has the stack of the last of them.</summary>
    /// <param name="what">What the waiter asked for, such as <c>Reading Account/12</c>.</param>
    public static Exception For(Exception cause, string what)
    {
        var message = $"{what} failed: {cause.Message}";
        return cause switch
        {
            CommitUnknownException => new CommitUnknownException(message, cause),
            StoreFullException => new StoreFullException(message, cause),
            StoreUnavailableException => new StoreUnavailableException(message, cause),
            EntityFaultException => new EntityFaultException(message, cause),
            TimeoutException => new TimeoutException(message, cause),
            OperationCanceledException cancelled => new OperationCanceledException(message, cause, cancelled.CancellationToken),
            ObjectDisposedException => new StoreUnavailableException(message, cause),
            _ => new StatementFailedException(message, cause),
        };
    }
}
