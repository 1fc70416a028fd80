namespace ActorPerf.Storage;

/// <summary>A feature whose writes may belong to another feature's transaction, such as jobs submitted together with entities.</summary>
internal interface ITransactionPart : IWriteHandler
{
    /// <summary>Whether this is a write of this feature.</summary>
    bool Owns(object write);

    /// <summary>After <see cref="IWriteHandler.Apply"/>: whether the write took place. If not, the whole transaction does not.</summary>
    bool TookPlace(object write);
}
