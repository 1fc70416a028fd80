using System.Globalization;
using System.Text;

namespace ActorPerf.Tasks.Commands;

/// <summary>Everything that a process finds in its environment: a list, and nothing of the node's besides.</summary>
internal static class CommandEnvironment
{
    /// <summary>Taken over from the node where it has them.</summary>
    public static IReadOnlyList<string> Inherited { get; } = OperatingSystem.IsWindows()
        ? ["PATH", "PATHEXT", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "USERPROFILE"]
        : ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>Of one call.</summary>
    public static IReadOnlyDictionary<string, string> ForCall(CommandDefinition definition, TaskContext context, RunMark mark)
    {
        var variables = Of(definition, mark);
        variables["ACTORPERF_ATTEMPT"] = context.Attempt.ToString(CultureInfo.InvariantCulture);
        variables["ACTORPERF_NAMESPACE"] = context.Namespace.ToString();
        if (context.JobId is { } job) variables["ACTORPERF_JOB_ID"] = job.ToString();
        if (context.TraceParent is { } trace) variables["TRACEPARENT"] = trace;
        if (context.Checkpoint is { } checkpoint) variables["ACTORPERF_CHECKPOINT"] = Encoding.UTF8.GetString(checkpoint.Span);
        return variables;
    }

    /// <summary>Of a worker, which is told of its calls one by one.</summary>
    public static IReadOnlyDictionary<string, string> ForWorker(CommandDefinition definition, RunMark mark) => Of(definition, mark);

    private static Dictionary<string, string> Of(CommandDefinition definition, RunMark mark)
    {
        var variables = new Dictionary<string, string>(mark.Variables, StringComparer.Ordinal);
        foreach (var name in Inherited.Concat(definition.Inherit))
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) variables[name] = value;
        variables.TryAdd("PATH", DefaultPath);
        foreach (var (name, value) in definition.Environment) variables[name] = value;
        variables["ACTORPERF_TASK"] = definition.Task;
        return variables;
    }
}
