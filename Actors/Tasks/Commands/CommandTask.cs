using System.Text.Json.Nodes;

namespace ActorPerf.Tasks.Commands;

/// <summary>A configured command as a task of the node.</summary>
internal static class CommandTask
{
    /// <param name="nodeDuration">How long results are remembered where the task says <c>memoize = on</c>.</param>
    public static TaskDescriptor Describe(string name, TaskOptions options, CommandOptions command, CommandHost host, TimeSpan? nodeDuration)
    {
        var memoize = options.Memoize?.Under(nodeDuration ?? Memoization.DefaultDuration);
        return new TaskDescriptor
        {
            Name = name,
            Summary = options.Summary ?? "",
            Version = command.Version,
            Queue = options.Queue ?? "default",
            Memoize = memoize,
            Timeout = options.Timeout,
            MaxAttempts = options.MaxAttempts,
            WhenLost = options.WhenLost ?? WhenLost.Retry,
            Retention = options.Retention,
            Retry = options.Retry ?? RetryPolicy.None,
            SecretArgs = options.SecretArgs ?? [],
            SearchArgs = options.SearchArgs ?? [],
            ResultType = command.Definition.ResultType,
            ArgsSchema = command.Definition.Args?.Schema ?? new JsonObject(),
            Runner = host.Runner(command.Definition),
        };
    }
}
