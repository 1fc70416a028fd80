namespace ActorPerf.Kernel;

/// <summary>What goes on when the last stopping child has stopped.</summary>
internal abstract record ChildrenWait
{
    private ChildrenWait() { }

    public sealed record Restart(Exception Cause) : ChildrenWait;

    public sealed record Creation : ChildrenWait;

    public sealed record Termination : ChildrenWait;
}
