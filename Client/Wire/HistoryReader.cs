using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Client.Wire;

/// <summary>Reads a job's story.</summary>
internal static class HistoryReader
{
    public static JobHistory Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var json = document.RootElement;
        var pruned = json.Flag("pruned");
        // Each row is one version above the one before it; where the first rows are gone, nobody says which is the first that is left.
        var rows = json.Items("items").Select((row, place) => Row(row, pruned ? 0 : place + 1)).ToArray();
        return new JobHistory(rows, [.. json.Items("attempts").Select(Attempt)], pruned);
    }

    public static LogLine Line(JsonElement json) => new(json.Time("at") ?? default, Level(json.Text("level")), json.Text("text") ?? "");

    private static HistoryRow Row(JsonElement json, long version) => new(
        json.Long("seq") ?? 0, version, json.Time("at") ?? default, json.Text("from") is { } from ? Members.State(from) : null, Members.State(json.Text("to")),
        json.Int("attempt"), json.Text("node"), json.Text("detail"));

    private static AttemptRecord Attempt(JsonElement json) =>
        new(json.Int("attempt"), JobReader.Error(json), [.. json.Items("lines").Select(Line)], json.Int("dropped"));

    private static LogLevel Level(string? word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };
}
