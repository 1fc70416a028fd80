namespace ActorPerf.Tasks;

/// <summary>What a task says of its failed attempts; a job's own settings win.</summary>
/// <param name="Backoff">Null: the default one.</param>
/// <param name="NonRetryable">Error types (<see cref="TaskError.Type"/>, compared exactly) after which another attempt would not help.</param>
/// <param name="ByError">Back-offs of single error types, which go before the job's and the task's.</param>
public sealed record RetryPolicy(
    BackoffPolicy? Backoff = null, IReadOnlyList<string>? NonRetryable = null, IReadOnlyDictionary<string, BackoffPolicy>? ByError = null)
{
    public static RetryPolicy None { get; } = new();
}
