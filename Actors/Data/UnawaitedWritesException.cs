namespace ActorPerf.Data;

/// <summary>A scope was left, and writes had failed whose outcome nobody had looked at. The inner exceptions are their failures, in the order they came.</summary>
public sealed class UnawaitedWritesException : AggregateException
{
    public UnawaitedWritesException()
    {
    }

    public UnawaitedWritesException(string message)
        : base(message)
    {
    }

    public UnawaitedWritesException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="lines">What failed, where it was called, and why.</param>
    /// <param name="more">Failures beyond those.</param>
    public UnawaitedWritesException(IReadOnlyList<string> lines, IReadOnlyList<Exception> failures, int more)
        : base($"{lines.Count + more} writes that nobody awaited have failed: {string.Join("; ", lines.Take(10))}{(lines.Count + more > 10 ? "; …" : "")}", failures)
    {
    }
}
