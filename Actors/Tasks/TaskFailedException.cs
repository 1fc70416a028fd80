namespace ActorPerf.Tasks;

/// <summary>A task throws it to say exactly how it failed: the error is kept and told as it stands.</summary>
public sealed class TaskFailedException(TaskError error) : Exception(error.Message)
{
    public TaskError Error { get; } = error;
}
