namespace ActorPerf.Tasks.Commands;

/// <summary>What <c>actorperf.tasks.NAME</c> says of a task that runs a command.</summary>
public sealed record CommandOptions
{
    public const string CommandKey = "command";
    public const int MostProcesses = 1_000;

    private const int MostParts = 1_000;
    private const int MostVariables = 1_000;

    /// <summary>No attempt may be given up while its process still has time to end (thirty seconds, docs/jobs.md).</summary>
    private static readonly TimeSpan LongestKillAfter = TimeSpan.FromSeconds(25);

    /// <summary>The keys that only a task with a command has.</summary>
    public static IReadOnlyList<string> Keys { get; } =
        [CommandKey, "directory", "environment", "inherit", "persistent", "kill-after", "result-type", "args-schema", "version"];

    private CommandOptions(CommandDefinition definition) => Definition = definition;

    internal CommandDefinition Definition { get; }

    /// <summary>Part of the cache key.</summary>
    public int Version { get; init; } = 1;

    /// <exception cref="TaskSetupException">A value does not fit.</exception>
    internal static CommandOptions Read(string name, TaskSettings task)
    {
        if (!TaskNames.IsValid(name)) throw task.Fault("", $"is a task's name and must be {TaskNames.Rule}", name);
        const string rule = "must be a list of a program and its arguments, such as [\"python3\", \"report.py\"]; no shell reads it, so spaces, quotes and $ are what they are";
        var command = task.List(CommandKey, MostParts, IsPlain, rule);
        if (command is not [{ Length: > 0 }, ..]) throw task.Fault(CommandKey, rule);
        var folder = task.Below(CommandKey).Folder;
        var definition = new CommandDefinition
        {
            Task = name,
            Command = command,
            Base = folder,
            Directory = Directory(task, folder),
            Environment = ReadEnvironment(task.Below("environment")),
            Inherit = task.List("inherit", MostVariables, IsVariable, "must be a list of names of variables, such as [PGHOST]") ?? [],
            Persistent = task["persistent"] == "off" ? 0 : task.Whole("persistent", 0, MostProcesses) ?? 0,
            KillAfter = task.Duration("kill-after", TimeSpan.Zero, LongestKillAfter) ?? CommandDefinition.DefaultKillAfter,
            ResultType = ResultType(task),
            Args = Schema(task),
        };
        return new CommandOptions(definition)
        {
            Version = task.Whole("version", 1, int.MaxValue) ?? 1,
        };
    }

    private static string Directory(TaskSettings task, string folder)
    {
        if (task["directory"] is not { } directory) return folder;
        return directory.Length > 0 && IsPlain(directory) ? Path.GetFullPath(directory, folder) : throw task.Fault("directory", "must be a folder, relative to the configuration file's or absolute");
    }

    private static Dictionary<string, string> ReadEnvironment(TaskSettings environment)
    {
        const string rule = "must be an object of at most 1000 variables with texts, such as { PGHOST = \"db\" }";
        if (environment.Value is { Length: > 0 }) throw environment.Fault("", rule);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in environment.Names)
        {
            if (!IsVariable(name) || environment[name] is not { } value || !IsPlain(value)) throw environment.Fault(name, rule, "…");   // may be a secret
            if (name.StartsWith("ACTORPERF_", StringComparison.OrdinalIgnoreCase)) throw environment.Fault(name, "is a name that the node gives itself; choose one that does not begin with ACTORPERF_", "…");
            variables.Add(name, value);
        }
        return variables.Count <= MostVariables ? variables : throw environment.Fault("", rule);
    }

    private static string ResultType(TaskSettings task)
    {
        if (task["result-type"] is not { } type) return TaskDescriptor.JsonType;
        return type.Length <= 200 && System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _)
            ? type
            : throw task.Fault("result-type", "must be a media type, such as application/json, text/csv or image/png");
    }

    private static ArgsRule? Schema(TaskSettings task)
    {
        var schema = task.Below("args-schema");
        if (!schema.Exists || schema.Value is "none") return null;
        try
        {
            return ArgsRule.Parse(schema.Value is { Length: > 0 } text ? text : SchemaSettings.ToJson(schema));
        }
        catch (FormatException fault)
        {
            throw schema.Fault("", $"{fault.Message}", schema.Value is { Length: > 0 } ? "…" : "{…}");
        }
    }

    private static bool IsPlain(string text) => !text.Contains('\0', StringComparison.Ordinal);

    private static bool IsVariable(string name) => name.Length is >= 1 and <= 256 && IsPlain(name) && !name.Contains('=', StringComparison.Ordinal);
}
