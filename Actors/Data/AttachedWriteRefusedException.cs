namespace ActorPerf.Data;

/// <summary>A write of another feature that belonged to a commit (<see cref="EntityCommit.Attached"/>) was refused. Nothing of the commit took place; the write says why.</summary>
public sealed class AttachedWriteRefusedException : Exception
{
    public AttachedWriteRefusedException()
    {
    }

    public AttachedWriteRefusedException(string message)
        : base(message)
    {
    }

    public AttachedWriteRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static AttachedWriteRefusedException OfJobs() => new("The jobs of the transaction were refused, so nothing of it took place. Their outcomes say why.");
}
