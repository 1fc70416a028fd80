namespace ActorPerf.Tasks;

/// <summary>A task throws it when another attempt would fail the same way; the job then fails at once.</summary>
public class NonRetryableException : Exception
{
    public NonRetryableException()
        : this("The task said that another attempt would not help.")
    {
    }

    public NonRetryableException(string message)
        : base(message)
    {
    }

    public NonRetryableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
