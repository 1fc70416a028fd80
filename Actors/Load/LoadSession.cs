namespace ActorPerf.Load;

/// <summary>What a user has at hand during an iteration.</summary>
public sealed class LoadSession
{
    /// <summary>Number of the user in its run, from 0.</summary>
    public int User { get; }
}
