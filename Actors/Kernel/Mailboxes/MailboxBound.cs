namespace ActorPerf.Kernel;

/// <summary>The number of user messages a bounded mailbox may hold. What does not fit goes to dead letters; no sender ever waits.
/// Notices of the kernel that come once (<see cref="ActorCell.PostNotice"/>) always fit: there are no more than watches and timers.</summary>
internal sealed class MailboxBound(int capacity)
{
    private int _count;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= capacity) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Whether it is full or not.</summary>
    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave() => Interlocked.Decrement(ref _count);
}
