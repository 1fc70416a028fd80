using System.Text;
using System.Text.Json;

namespace ActorPerf.Tasks.Commands;

/// <summary>The members by which a process reports on its attempt, on standard error and in the protocol of workers alike.</summary>
internal static class ReportedMembers
{
    /// <summary>Takes <c>progress</c> (with <c>message</c> and <c>data</c>), <c>cache</c> and <c>checkpoint</c> from an object.</summary>
    /// <returns>Whether there was one of them.</returns>
    public static bool Apply(JsonElement report, TaskContext? context)
    {
        var known = false;
        if (report.TryGetProperty("progress", out var progress) && progress.ValueKind == JsonValueKind.Number)
        {
            var message = report.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            context?.Progress(progress.GetDouble(), message, report.TryGetProperty("data", out var data) ? Bytes(data) : default);
            known = true;
        }
        if (report.TryGetProperty("cache", out var cache)) known |= ReportedCache.Apply(cache, context);
        if (!report.TryGetProperty("checkpoint", out var checkpoint)) return known;
        Save(Bytes(checkpoint), context);
        return true;
    }

    /// <summary>The level of a log line: the usual words, in any case.</summary>
    public static LogLevel Level(JsonElement report) =>
        report.TryGetProperty("level", out var level) && level.ValueKind == JsonValueKind.String ? Level(level.GetString()) : LogLevel.Information;

    /// <summary>A duration such as <c>"30s"</c>, or a number of seconds.</summary>
    public static bool TryReadDelay(JsonElement value, out TimeSpan delay)
    {
        delay = default;
        if (value.ValueKind == JsonValueKind.String) return Durations.TryParse(value.GetString(), out delay);
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || seconds is not (>= 0 and < 1e9)) return false;
        delay = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static void Save(byte[] checkpoint, TaskContext? context)
    {
        if (checkpoint.Length <= AttemptContext.MaxCheckpoint) context?.SaveCheckpoint(checkpoint);
        else context?.Log($"A checkpoint of {checkpoint.Length} bytes was not kept; at most {AttemptContext.MaxCheckpoint} are.", LogLevel.Warning);
    }

    private static byte[] Bytes(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());

    private static LogLevel Level(string? word) => word?.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" or "FATAL" => LogLevel.Critical,
        _ => LogLevel.Information,
    };
}
