using ActorPerf.Cluster;

namespace ActorPerf.Data;

/// <summary>Entities stood at other versions than the write or transaction relied on. Nothing of it changed.</summary>
public sealed class VersionConflictException : Exception
{
    public VersionConflictException()
        : this([])
    {
    }

    public VersionConflictException(string message)
        : base(message)
    {
    }

    public VersionConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public VersionConflictException(IReadOnlyList<Key> keys)
        : base($"{(keys.Count == 1 ? $"{keys[0]} was" : $"{keys.Count} entities were")} changed by another write. Read again, and try again.") => Keys = keys;

    internal VersionConflictException(IReadOnlyList<Key> keys, string message)
        : base(message) => Keys = keys;

    /// <summary>Those that stood in the way.</summary>
    public IReadOnlyList<Key> Keys { get; } = [];
}

/// <summary>An insert found an entity, or an update none. Nothing changed.</summary>
public sealed class EntityStateException : Exception
{
    public EntityStateException()
    {
    }

    public EntityStateException(string message)
        : base(message)
    {
    }

    public EntityStateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="exists">True: there was one already; false: there was none.</param>
    public EntityStateException(Key key, bool exists)
        : base(exists ? $"{key} exists already." : $"{key} does not exist.") => (Key, Exists) = (key, exists);

    public Key? Key { get; }
    public bool Exists { get; }
}

/// <summary>The store refuses this one entity, or what it holds cannot be read; others are not affected.</summary>
public sealed class EntityFaultException : Exception
{
    public EntityFaultException()
    {
    }

    public EntityFaultException(string message)
        : base(message)
    {
    }

    public EntityFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The connection broke while a commit was under way: it may or may not have taken place.</summary>
public sealed class CommitUnknownException : StoreUnavailableException
{
    public CommitUnknownException()
        : this("The store did not say whether the commit took place.")
    {
    }

    public CommitUnknownException(string message)
        : base(message)
    {
    }

    public CommitUnknownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
