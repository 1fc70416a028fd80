namespace ActorPerf.Data;

/// <summary>What a scope knows of one key. Its members belong to the scope, which locks.</summary>
internal sealed class ScopeEntry(DataScope scope, Key key) : IReadObserver
{
    public DataScope Scope { get; } = scope;
    public Key Key { get; } = key;

    /// <summary>Whether <see cref="Entity"/> says what stands there; a miss is known too.</summary>
    public bool IsKnown => Place is not null;

    public Entity? Entity { get; set; }

    /// <summary>Among those known, in the order of their use.</summary>
    public LinkedListNode<ScopeEntry>? Place { get; set; }

    /// <summary>The key's epoch when it was last asked for: what is known was read under this epoch or a later one.</summary>
    public long Epoch { get; set; }

    /// <summary>Reads of this scope under way.</summary>
    public int Reading { get; set; }

    /// <summary>Who waits for them, linked by <see cref="ReadWaiter.Sibling"/>; some may have left.</summary>
    public ReadWaiter? Waiters { get; set; }

    /// <summary>The last write of this scope whose outcome is not known and that was not given up, linked to those before it by <see cref="PendingWrite.Earlier"/>; null where there is none.</summary>
    public PendingWrite? LastWrite { get; private set; }

    /// <summary>Writes that the line holds until the reads called before them have their answer.</summary>
    public List<PendingWrite>? Held { get; set; }

    public long Bytes => 200 + (Entity?.Data.Length ?? 0);

    public void Begin(PendingWrite write)
    {
        write.Earlier = LastWrite;
        if (LastWrite is not null) LastWrite.Later = write;
        LastWrite = write;
    }

    /// <summary>It was decided or given up. Where it was the last one, the one before it is so again: gets wait for that one, as if this one had never been called.</summary>
    public void End(PendingWrite write)
    {
        if (write.Earlier is not null) write.Earlier.Later = write.Later;
        if (write.Later is not null) write.Later.Earlier = write.Earlier;
        else LastWrite = write.Earlier;
        (write.Earlier, write.Later) = (null, null);
    }

    public void OnRead(ReadWaiter waiter, Entity? entity, bool isFresh) => Scope.OnRead(this, entity, isFresh);

    public void OnFailed(ReadWaiter waiter) => Scope.OnReadFailed(this);
}
