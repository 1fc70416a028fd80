using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A job that belongs to a larger undertaking was refused, and so nothing of that takes place.</summary>
public sealed class JobRefusedException : Exception
{
    public JobRefusedException()
        : this(new Refusal("invalid-request", "The job was refused."))
    {
    }

    public JobRefusedException(string message)
        : this(new Refusal("invalid-request", message))
    {
    }

    public JobRefusedException(string message, Exception innerException)
        : this(new Refusal("invalid-request", message), innerException)
    {
    }

    public JobRefusedException(Refusal refusal, Exception? cause = null)
        : base(refusal?.Detail, cause) => Refusal = refusal ?? throw new ArgumentNullException(nameof(refusal));

    public Refusal Refusal { get; }
}
