using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>How jobs look in lists.</summary>
internal static class JobColumns
{
    public static IReadOnlyList<Column> All { get; } =
    [
        Column.Of("ID", "id"), Column.Of("TASK", "task"), Column.Of("QUEUE", "queue"), Column.Of("STATE", "state"),
        new("ATTEMPT", job => $"{job.Text("attempt")}/{job.Text("maxAttempts")}", Right: true),
        Column.Of("CREATED AT", "createdAt"),
        new("RAN", job => job.Seconds("ran"), Right: true),
        new("NOTE", Note),
    ];

    /// <summary>The one thing to know beside the state: the error, why it waits, or how far it is.</summary>
    public static string Note(JsonElement job)
    {
        if (job.Member("error") is { } error) return $"{error.Text("type")}: {error.Text("message")}";
        if (job.Text("reason") is { Length: > 0 } reason) return reason;
        return job.Member("progress") is { ValueKind: JsonValueKind.Object } progress && !job.Text("state").StartsWith("succ", StringComparison.Ordinal)
            ? $"{progress.Text("percent")} % {progress.Text("message")}".TrimEnd()
            : "";
    }
}
