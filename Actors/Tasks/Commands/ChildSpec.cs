namespace ActorPerf.Tasks.Commands;

/// <summary>A process to be started.</summary>
/// <param name="Command">The executable and its arguments, none of them read by a shell.</param>
/// <param name="Base">Folder from which a relative path of the executable counts.</param>
/// <param name="Folder">The working folder, absolute.</param>
/// <param name="Environment">Everything that the process finds there.</param>
internal sealed record ChildSpec(IReadOnlyList<string> Command, string Base, string Folder, IReadOnlyDictionary<string, string> Environment, RunMark Mark);

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code; meaningless after a signal.</param>
/// <param name="Signal">The number of the signal that ended it; 0 for none.</param>
/// <param name="Known">False where the system has told somebody else.</param>
internal readonly record struct ChildExit(int Code, int Signal, bool Known = true)
{
    public bool IsSuccess => Known && Code == 0 && Signal == 0;
}

/// <summary>A process could not be started.</summary>
/// <param name="type">The word for <see cref="TaskError.Type"/>.</param>
internal sealed class ChildStartException(string type, string message, bool retryable) : Exception(message)
{
    public TaskError Error { get; } = new(type, message, retryable);
}
