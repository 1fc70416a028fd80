using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage;

/// <summary>Notes of runs and lines of attempts as the bytes of a column.</summary>
internal static class RunNoteBody
{
    /// <summary>The parts of a note as they are kept: the number of the first line, 0 for progress, and its bytes.</summary>
    public static IEnumerable<(int First, byte[] Body)> Parts(JobWrite.Note note)
    {
        if (note.Progress is { } progress) yield return (0, Write(progress));
        if (note.Lines.Count > 0) yield return (note.First, Write(note.Lines));
    }

    public static RunNote Read(Namespace ns, JobId job, int attempt, int first, DateTimeOffset at, ReadOnlySpan<byte> body) =>
        first == 0 ? new RunNote(ns, job, attempt, 0, at, ReadProgress(body), []) : new RunNote(ns, job, attempt, first, at, null, ReadLines(body));

    public static ProgressReport ReadProgress(ReadOnlySpan<byte> body)
    {
        var stored = JsonSerializer.Deserialize(body, StorageJson.Default.StoredProgress)!;
        return new ProgressReport(stored.Percent, stored.Message, ToTime(stored.At)) { Data = stored.Data };
    }

    public static IReadOnlyList<LogLine> ReadLines(ReadOnlySpan<byte> body) =>
        [.. (JsonSerializer.Deserialize(body, StorageJson.Default.ListStoredLine) ?? []).Select(line => new LogLine(ToTime(line.At), (LogLevel)line.Level, line.Text))];

    private static byte[] Write(ProgressReport progress) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredProgress(progress.Percent, progress.Message, Microseconds(progress.At), progress.Data.ToArray()), StorageJson.Default.StoredProgress);

    private static byte[] Write(IReadOnlyList<LogLine> lines) => JsonSerializer.SerializeToUtf8Bytes(
        [.. lines.Select(line => new StoredLine(Microseconds(line.At), (int)line.Level, line.Text))], StorageJson.Default.ListStoredLine);

    private static long Microseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
