namespace ActorPerf.Kernel;

/// <summary>The number of user messages a bounded mailbox may hold. What does not fit goes to dead letters; no sender ever waits.</summary>
internal sealed class MailboxBound(int capacity)
{
    private int _count;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= capacity) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
