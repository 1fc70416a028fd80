namespace ActorPerf.Jobs;

/// <summary>What a submission meets whose unique key another job of the namespace holds. The numbers are stored; never renumber.</summary>
public enum UniquePolicy
{
    /// <summary>That job is the answer.</summary>
    Return = 0,

    /// <summary>The submission is refused as <c>unique-conflict</c>.</summary>
    Reject = 1,

    /// <summary>That job is cancelled and the new one takes the key, while it waits; once it runs, as <see cref="Return"/>.</summary>
    Replace = 2,
}

/// <summary>How long a job holds its unique key. The numbers are stored; never renumber.</summary>
public enum UniqueUntil
{
    /// <summary>Until it is final.</summary>
    Finished = 0,

    /// <summary>Until its first run starts (or it ends without one).</summary>
    Started = 1,
}

/// <summary>One job waits for another.</summary>
/// <param name="Job">The one that has to end first.</param>
/// <param name="On">With which end.</param>
public readonly record struct JobDependency(JobId Job, DependsOn On);

/// <summary>With which end of its parent a job may start. The numbers are stored; never renumber.</summary>
public enum DependsOn
{
    /// <summary>It succeeded. Any other end cancels the job that waits.</summary>
    Succeeded = 0,

    /// <summary>Any end.</summary>
    Finished = 1,
}
