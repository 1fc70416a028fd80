using System.Text;
using System.Text.Json;

namespace ActorPerf.Tasks.Commands;

/// <summary>What a process writes to its standard error, line by line: log, progress, checkpoint, and when another attempt may help.</summary>
/// <remarks>A line that is a JSON object is read for the members it is known by; every other line is text. Called by one reader at a time.</remarks>
internal sealed class ErrorLines
{
    /// <summary>A checkpoint or progress with its data fits; of text an attempt keeps less.</summary>
    public const int MaxLine = AttemptContext.MaxCheckpoint + 4 * 1024;

    private const int MaxText = 4 * AttemptContext.MaxLineLength;
    private const string CutMark = "… (cut)";

    private readonly TextTail _tail = new();

    /// <summary>When the process said that another attempt may help; null for nothing said.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>How long the process wants its job to sleep, should it end with <see cref="ExitRules.Retry"/>; null for nothing said.</summary>
    public TimeSpan? Snooze { get; private set; }

    /// <summary>The end of the text, at most 4 KiB.</summary>
    public string Tail => _tail.ToString();

    /// <param name="context">Whose attempt it is; null for nobody's, and the line counts for the tail alone.</param>
    public void Add(ReadOnlySpan<byte> line, bool cut, TaskContext? context)
    {
        if (!cut && line is [(byte)'{', .., (byte)'}'] && TryRead(line, context)) return;
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxText)]);
        Say(cut || line.Length > MaxText ? text + CutMark : text, LogLevel.Information, context);
    }

    private bool TryRead(ReadOnlySpan<byte> line, TaskContext? context)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            return reader.BytesConsumed == line.Length && Read(document.RootElement, context);
        }
        catch (Exception none) when (none is JsonException or InvalidOperationException)
        {
            return false; // text that only looks like JSON
        }
    }

    private bool Read(JsonElement line, TaskContext? context)
    {
        var known = ReportedMembers.Apply(line, context);
        if (line.TryGetProperty("retryAfter", out var after) && ReportedMembers.TryReadDelay(after, out var delay))
        {
            RetryAfter = delay;
            known = true;
        }
        if (line.TryGetProperty("snooze", out var snooze) && ReportedMembers.TryReadDelay(snooze, out var sleep))
        {
            Snooze = sleep;
            known = true;
        }
        if (known || !line.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.String) return known;
        Say(message.GetString() ?? "", ReportedMembers.Level(line), context);
        return true;
    }

    private void Say(string text, LogLevel level, TaskContext? context)
    {
        _tail.Add(text);
        context?.Log(text, level);
    }
}
