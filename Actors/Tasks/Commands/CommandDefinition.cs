namespace ActorPerf.Tasks.Commands;

/// <summary>What runs when a command task is called.</summary>
internal sealed record CommandDefinition
{
    public static readonly TimeSpan DefaultKillAfter = TimeSpan.FromSeconds(5);

    /// <summary>The task's name.</summary>
    public required string Task { get; init; }

    /// <summary>The executable and its arguments; no shell reads them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Folder of the configuration file; relative paths count from it.</summary>
    public required string Base { get; init; }

    /// <summary>Absolute.</summary>
    public required string Directory { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Further variables of the node that the process gets.</summary>
    public IReadOnlyList<string> Inherit { get; init; } = [];

    /// <summary>Processes that stay and answer one call after the other; 0: a process a call.</summary>
    public int Persistent { get; init; }

    /// <summary>From asking a process to end until ending it.</summary>
    public TimeSpan KillAfter { get; init; } = DefaultKillAfter;

    public string ResultType { get; init; } = TaskDescriptor.JsonType;

    /// <summary>Null when what it writes is JSON.</summary>
    public ResultMedia? ResultMedia => ResultType == TaskDescriptor.JsonType ? null : Tasks.ResultMedia.Of(ResultType);

    /// <summary>What arguments must look like; null: any JSON.</summary>
    public ArgsRule? Args { get; init; }

    public ChildSpec Spec(IReadOnlyDictionary<string, string> environment, RunMark mark) => new(Command, Base, Directory, environment, mark);
}
