namespace ActorPerf.Cluster;

/// <summary>The store is away for a while: nothing changed, ask again with back-off.</summary>
public class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
        : this("The store does not answer. Nothing changed; try again.")
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The store's disk is full: nothing changed; free space, then ask again.</summary>
public sealed class StoreFullException : StoreUnavailableException
{
    public StoreFullException()
        : base("The disk that holds the database is full. Nothing changed; free space and try again.")
    {
    }

    public StoreFullException(string message)
        : base(message)
    {
    }

    public StoreFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
