namespace ActorPerf.Kernel;

/// <summary>How a <see cref="BackoffSupervisor"/> pauses, forgets and gives up. Immutable.</summary>
public sealed class BackoffOptions
{
    internal BackoffOptions(BackoffSettings settings) => Settings = settings;

    internal BackoffSettings Settings { get; }

    /// <summary>Begins with the shortest pause again once the child has lived so long.</summary>
    public BackoffOptions WithAutoReset(TimeSpan resetBackoff) => new(Settings with { AutoReset = resetBackoff });

    /// <summary>Begins with the shortest pause again only when told <see cref="BackoffSupervisor.Reset"/>.</summary>
    public BackoffOptions WithManualReset() => new(Settings with { AutoReset = null });

    /// <summary>Stops child and supervisor after so many starts; −1 for never.</summary>
    public BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) => new(Settings with { MaxRetries = maxNrOfRetries });

    /// <summary>Answers with this while the child is down, instead of sending messages to dead letters.</summary>
    public BackoffOptions WithReplyWhileStopped(object replyWhileStopped) => new(Settings with { ReplyWhileStopped = replyWhileStopped });

    /// <summary>Decides about failures of the child; its number of retries counts as that of <see cref="WithMaxNrOfRetries"/>.</summary>
    public BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy) =>
        new(Settings with { Strategy = supervisorStrategy, MaxRetries = supervisorStrategy.MaxNumberOfRetries });

    /// <summary>Stops the child at every failure.</summary>
    public BackoffOptions WithDefaultStoppingStrategy() =>
        new(Settings with { Strategy = SupervisorStrategy.StoppingStrategy });

    /// <summary>A message after which the child may stop for good, and the supervisor with it.</summary>
    public BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) => new(Settings with { IsFinalStop = isFinalStopMessage });
}

internal sealed record BackoffSettings(Props ChildProps, string ChildName, TimeSpan MinBackoff, TimeSpan MaxBackoff, double RandomFactor)
{
    public bool OnFailure { get; init; }

    public int MaxRetries { get; init; } = -1;

    public TimeSpan? AutoReset { get; init; } = MinBackoff;

    public object? ReplyWhileStopped { get; init; }

    public OneForOneStrategy? Strategy { get; init; }

    public Func<object, bool>? IsFinalStop { get; init; }

    /// <summary>min(max, min · 2^restarts), lengthened by up to <c>RandomFactor</c> of itself.</summary>
    public TimeSpan Delay(int restarts, Random random)
    {
        var doubled = restarts >= 30 ? MaxBackoff : TimeSpan.FromTicks((long)Math.Min(MaxBackoff.Ticks, MinBackoff.Ticks * Math.Pow(2, restarts)));
        return doubled * (1 + random.NextDouble() * RandomFactor);
    }
}
