namespace ActorPerf.Data;

/// <summary>A transaction has taken place, and then actions that it had left for afterwards failed; each failure is an inner exception. Trying the transaction again would do it twice.</summary>
public sealed class AfterCommitException : AggregateException
{
    public AfterCommitException()
        : this([])
    {
    }

    public AfterCommitException(string message)
        : base(message)
    {
    }

    public AfterCommitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public AfterCommitException(IReadOnlyList<Exception> failures)
        : base($"The transaction has taken place; {failures.Count} of its actions for afterwards failed.", failures)
    {
    }
}
