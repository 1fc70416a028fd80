namespace ActorPerf.Data;

/// <summary>A cursor that does not belong to the query: filter, order, kind or namespace are others than those it came from, or it is none.</summary>
public sealed class QueryCursorException : ArgumentException
{
    public QueryCursorException()
        : base("The cursor is not of this query: it came from another filter, order, kind or namespace, or was cut off. Begin without a cursor, and follow the one that each page gives.")
    {
    }

    public QueryCursorException(string message)
        : base(message)
    {
    }

    public QueryCursorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
