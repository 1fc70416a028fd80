namespace ActorPerf.Kernel;

/// <summary>Tells a pool's senders whether it is worth looking for an idle routee: one word that seldom changes, in place of one of every routee.</summary>
/// <remarks>
/// No idle routee is overlooked for long, without a count that could go wrong. A routee first becomes idle (an exchange, so a full fence) and then
/// raises the signal; a sender first lowers it, with a fence behind, and then looks at the routees. Whoever comes second sees what the other wrote:
/// the sender finds the routee idle, or the signal stands for the next one.
/// </remarks>
internal sealed class IdleSignal
{
    private bool _isRaised = true;

    public bool IsRaised => Volatile.Read(ref _isRaised);

    /// <summary>A routee has become idle, or the routees have changed. Writes only where that changes something: many read this word.</summary>
    public void Raise()
    {
        if (!IsRaised) Volatile.Write(ref _isRaised, true);
    }

    /// <summary>For a sender about to look at all routees; it raises the signal again when it finds one.</summary>
    public void Lower()
    {
        Volatile.Write(ref _isRaised, false);
        Interlocked.MemoryBarrier();
    }
}
