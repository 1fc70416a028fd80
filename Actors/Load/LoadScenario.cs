namespace ActorPerf.Load;

/// <summary>What can be run: kinds of users and what they do.</summary>
/// <param name="Name">1 to 64 of <c>a-z 0-9 . _ -</c>.</param>
/// <param name="Summary">One sentence for people; may be empty.</param>
public sealed record LoadScenario(string Name, string Summary, IReadOnlyList<LoadUser> Users)
{
    /// <summary>Where it was found.</summary>
    public LoadSource Source { get; init; } = LoadSource.Code;

    /// <summary>What its templates take from the plan unless it says otherwise, by name.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Files of values that are read when a run starts, by name.</summary>
    public IReadOnlyDictionary<string, LoadDataOptions> Data { get; init; } = new Dictionary<string, LoadDataOptions>();
}

/// <summary>Where a scenario is from.</summary>
public enum LoadSource
{
    /// <summary>Ships with the program.</summary>
    Shipped,
    Configuration,
    Code,
}

/// <summary>A kind of user.</summary>
/// <param name="Weight">How many there are in comparison with others; at least 1.</param>
public sealed record LoadUser(string Name, int Weight, LoadWait Wait, IReadOnlyList<LoadTask> Tasks)
{
    /// <summary>There are exactly so many of them, before others are shared out by weight; 0: by weight.</summary>
    public int FixedCount { get; init; }

    /// <summary>What a user keeps for itself, made once for each; null: nothing.</summary>
    public Func<object>? State { get; init; }

    /// <summary>Done before the first iteration, and after the last one.</summary>
    public LoadBody? OnStart { get; init; }

    public LoadBody? OnStop { get; init; }
}

/// <summary>Something that a kind of user does.</summary>
/// <param name="Weight">How often in comparison with the others; at least 1.</param>
public sealed record LoadTask(string Name, int Weight, IReadOnlyList<string> Tags, LoadBody Body);

/// <summary>One iteration of a task. What it sends through the session is measured; what it throws is counted as an exception of the task.</summary>
public delegate ValueTask LoadBody(LoadSession session, CancellationToken ct);
