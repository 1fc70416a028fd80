namespace ActorPerf.Data;

/// <summary>Another feature's writes that belong to a transaction of entities, such as jobs. One for each try of the transaction.</summary>
public abstract class TransactionPart
{
    /// <summary>Before the commit: whether it may take place. May be asked once more for the same try.</summary>
    /// <exception cref="Exception">It may not: the transaction fails with this.</exception>
    public virtual ValueTask PrepareAsync(CancellationToken ct) => default;

    /// <summary>What goes into the store's transaction (<see cref="EntityCommit.Attached"/>): a new one at every call.</summary>
    public abstract object ToWrite();

    /// <summary>The store took the entities' transaction back because of this part.</summary>
    /// <returns>What to tell the transaction's caller.</returns>
    public virtual Exception Refused(AttachedWriteRefusedException cause) => cause;
}
