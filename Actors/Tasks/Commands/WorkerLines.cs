using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorPerf.Tasks.Commands;

/// <summary>What a worker says in one line (docs/formats/worker-lines.md).</summary>
internal abstract record WorkerLine
{
    private WorkerLine()
    {
    }

    /// <param name="Value">UTF-8 JSON.</param>
    public sealed record Result(ReadOnlyMemory<byte> Value) : WorkerLine;

    public sealed record Failure(TaskError Error) : WorkerLine;

    /// <summary>The call is over, and the job is to be run again later, at no cost.</summary>
    public sealed record Snooze(TimeSpan Delay) : WorkerLine;

    /// <summary>Progress, a checkpoint, a log line or a word on the cache; applied by whoever read it.</summary>
    public sealed record Report(JsonElement Members) : WorkerLine;

    /// <summary>It cannot be understood.</summary>
    public sealed record Garbage(string Why) : WorkerLine;
}

/// <summary>Writes and reads the lines between node and worker. Pure.</summary>
internal static class WorkerLines
{
    /// <summary>Members around a result, and what JSON may add to a text.</summary>
    public const int Overhead = 64 * 1024;

    private static readonly string[] Reports = ["progress", "log", "checkpoint", "cache"];

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A call, with its line end.</summary>
    public static byte[] Call(string id, ReadOnlyMemory<byte> args, TaskContext context)
    {
        var line = new ArrayBufferWriter<byte>(args.Length + 512);
        using (var writer = new Utf8JsonWriter(line, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("task"u8, context.Task);
            writer.WritePropertyName("args"u8);
            WriteOneLine(writer, args);
            if (context.JobId is { } job) writer.WriteString("jobId"u8, job);
            writer.WriteNumber("attempt"u8, context.Attempt);
            writer.WriteString("namespace"u8, context.Namespace.ToString());
            if (context.TraceParent is { } trace) writer.WriteString("traceparent"u8, trace);
            if (context.Checkpoint is { } checkpoint)
            {
                writer.WritePropertyName("checkpoint"u8);
                WriteOneLine(writer, checkpoint);
            }
            writer.WriteEndObject();
        }
        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    public static byte[] Cancel(string id) => Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","cancel":true}""" + "\n");

    /// <returns>The call it is about; null where it names none.</returns>
    public static (string? Id, WorkerLine Line) Read(ReadOnlySpan<byte> line)
    {
        if (!System.Text.Unicode.Utf8.IsValid(line)) return (null, new WorkerLine.Garbage("no UTF-8"));
        var whole = JsonTexts.WithoutHalves(line);      // names of files that are no UTF-8, in an error's words
        try
        {
            var said = Parse(whole);
            return said.Line is WorkerLine.Result && whole != line ? Parse(line) : said;      // nobody here reads a result: it stays as it is
        }
        catch (JsonException fault)
        {
            return (null, new WorkerLine.Garbage($"no JSON ({fault.Message.TrimEnd('.')})"));
        }
        catch (InvalidOperationException)      // in a line with a result
        {
            return (null, new WorkerLine.Garbage("half of a surrogate pair in 'id' or a member's name"));
        }
    }

    private static (string? Id, WorkerLine Line) Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        using var document = JsonDocument.ParseValue(ref reader);
        if (reader.BytesConsumed != line.Length && !line[(int)reader.BytesConsumed..].Trim((byte)' ').IsEmpty) return (null, new WorkerLine.Garbage("more than one value in a line"));
        return Read(document.RootElement);
    }

    private static (string? Id, WorkerLine Line) Read(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object) return (null, new WorkerLine.Garbage("no JSON object"));
        if (!line.TryGetProperty("id", out var member) || member.ValueKind != JsonValueKind.String || member.GetString() is not { } id) return (null, new WorkerLine.Garbage("no member 'id' with the id of the call"));
        var result = line.TryGetProperty("result", out var value);
        if (line.TryGetProperty("error", out var error)) return (id, result ? new WorkerLine.Garbage("both a result and an error") : Failure(error));
        if (line.TryGetProperty("snooze", out var snooze)) return (id, result ? new WorkerLine.Garbage("both a result and a snooze") : Snooze(snooze));
        if (result) return (id, new WorkerLine.Result(Encoding.UTF8.GetBytes(value.GetRawText())));
        if (Array.Exists(Reports, name => line.TryGetProperty(name, out _))) return (id, new WorkerLine.Report(line.Clone()));
        return (id, new WorkerLine.Garbage($"none of the members 'result', 'error', 'snooze', {string.Join(", ", Reports.Select(static name => $"'{name}'"))}"));
    }

    private static WorkerLine Snooze(JsonElement delay) => ReportedMembers.TryReadDelay(delay, out var time)
        ? new WorkerLine.Snooze(time)
        : new WorkerLine.Garbage("a 'snooze' that is neither a duration such as \"30s\" nor seconds");

    private static WorkerLine Failure(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object) return new WorkerLine.Garbage("an 'error' that is no object");
        TimeSpan? after = error.TryGetProperty("retryAfter", out var delay) && ReportedMembers.TryReadDelay(delay, out var found) ? found : null;
        var retryable = !error.TryGetProperty("retryable", out var flag) || flag.ValueKind != JsonValueKind.False;
        return new WorkerLine.Failure(new TaskError(Text(error, "type", "worker-error"), Text(error, "message", "The worker said no more."), retryable) { RetryAfter = after });
    }

    private static string Text(JsonElement error, string name, string missing) =>
        error.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } words ? words : missing;

    /// <summary>Arguments come as they were sent, line ends and all.</summary>
    private static void WriteOneLine(Utf8JsonWriter writer, ReadOnlyMemory<byte> json)
    {
        if (JsonLine.Is(json.Span)) writer.WriteRawValue(json.Span, skipInputValidation: true);
        else writer.WriteRawValue(JsonLine.Compact(json.ToArray()), skipInputValidation: true);
    }
}
