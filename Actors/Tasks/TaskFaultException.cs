namespace ActorPerf.Tasks;

/// <summary>An attempt cannot go on, whatever the task's code does: its arguments no longer fit, or its result cannot be written.</summary>
/// <param name="type">The word for <see cref="TaskError.Type"/>: <c>bad-result</c> or <c>invalid-args</c>.</param>
internal sealed class TaskFaultException(string type, string message) : NonRetryableException(message)
{
    public string Type { get; } = type;
}
