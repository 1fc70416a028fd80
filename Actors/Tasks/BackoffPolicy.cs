namespace ActorPerf.Tasks;

/// <summary>How long a job waits after a failed attempt: min(max, initial · factor^(n−1)), uniform between half and all of it.</summary>
public readonly record struct BackoffPolicy(TimeSpan Initial, double Factor, TimeSpan Max)
{
    public static BackoffPolicy Default { get; } = new(TimeSpan.FromSeconds(1), 2, TimeSpan.FromHours(1));
}
