namespace ActorPerf.Storage;

/// <summary>The store cannot be used as configured: a fault for the person who starts the node. The message names the setting and the next step.</summary>
public sealed class StorageSetupException : Exception
{
    public StorageSetupException()
        : this("The store cannot be used as configured.")
    {
    }

    public StorageSetupException(string message)
        : base(message)
    {
    }

    public StorageSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
