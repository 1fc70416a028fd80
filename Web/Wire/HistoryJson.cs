using ActorPerf.Tasks;
using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <summary>Writes a job's story: <c>{items, attempts, pruned}</c>.</summary>
internal static class HistoryJson
{
    public static void WriteHistory(this Utf8JsonWriter json, JobHistory history)
    {
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var row in history.Rows) WriteRow(json, row);
        json.WriteEndArray();
        json.WriteStartArray(N.Attempts);
        foreach (var attempt in history.Attempts) WriteAttempt(json, attempt);
        json.WriteEndArray();
        json.WriteBoolean(N.Pruned, history.Pruned);
        json.WriteEndObject();
    }

    public static void WriteLine(this Utf8JsonWriter json, LogLine line)
    {
        json.WriteTime(N.At, line.At);
        json.WriteString(N.Level, Words.Of(line.Level));
        json.WriteString(N.Text, line.Text);
    }

    private static void WriteRow(Utf8JsonWriter json, HistoryRow row)
    {
        json.WriteStartObject();
        json.WriteNumber(N.Seq, row.Seq);
        json.WriteTime(N.At, row.At);
        if (row.From is { } from) json.WriteString(N.From, Words.Of(from));
        else json.WriteNull(N.From);
        json.WriteString(N.To, Words.Of(row.To));
        json.WriteNumber(N.Attempt, row.Attempt);
        json.WriteText(N.Node, row.Node);
        json.WriteText(N.Detail, row.Detail);
        json.WriteEndObject();
    }

    private static void WriteAttempt(Utf8JsonWriter json, AttemptRecord attempt)
    {
        json.WriteStartObject();
        json.WriteNumber(N.Attempt, attempt.Attempt);
        json.WriteError(attempt.Error);
        json.WriteStartArray(N.Lines);
        foreach (var line in attempt.Lines)
        {
            json.WriteStartObject();
            json.WriteLine(line);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber(N.Dropped, attempt.Dropped);
        json.WriteEndObject();
    }
}
