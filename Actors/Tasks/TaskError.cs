namespace ActorPerf.Tasks;

/// <summary>Why an attempt failed, as kept with the job and told to its callers.</summary>
/// <param name="Type">The error's type in short, such as <c>InvalidOperationException</c>, or one of ours: <c>timeout</c>, <c>lost</c>,
/// <c>routee-lost</c>, <c>crash-budget</c>, <c>bad-result</c>, <c>unknown-task</c>, <c>invalid-args</c>, <c>busy</c>, <c>cycle</c>, <c>cancelled</c>, <c>invalid-child</c>,
/// <c>invalid-checkpoint</c>, <c>result-too-large</c>, or those of commands (docs/command-tasks.md). At most 200 characters.</param>
/// <param name="Message">The error's own words, at most 4,096 characters. Text, never markup; no stack trace.</param>
/// <param name="Retryable">Whether another attempt may help.</param>
public sealed record TaskError(string Type, string Message, bool Retryable = true)
{
    /// <summary>When the task said that another attempt may help; null: the back-off decides.</summary>
    public TimeSpan? RetryAfter { get; init; }

    private const int MaxType = 200;
    private const int MaxMessage = 4096;

    /// <summary>What a task threw, in the words that callers see.</summary>
    public static TaskError From(Exception exception)
    {
        if (exception is TaskFailedException { Error: var said }) return said with { Type = Cut(said.Type, MaxType), Message = Cut(said.Message, MaxMessage) };
        var retry = exception as RetryAfterException;
        var type = (retry?.InnerException ?? exception).GetType().Name;
        return new(Cut(type, MaxType), Cut(exception.Message, MaxMessage), exception is not NonRetryableException) { RetryAfter = retry?.Delay };
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");
}
