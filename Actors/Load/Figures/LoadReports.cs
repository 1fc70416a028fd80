using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Load.Figures;

/// <summary>Reports as files of one folder, which several processes may share: a node, and the command that makes load from outside.</summary>
/// <remarks>A file is <c>START-ID.json</c>: its name sorts by time, so lists and pruning read names alone. It is written beside and moved into place,
/// so whoever reads sees a whole one. Its line stands first, so that a list reads some hundred bytes of each, once.</remarks>
/// <param name="folder">Made when the first report comes; empty keeps none.</param>
/// <param name="keep">At least 1.</param>
public sealed class LoadReports(string folder, int keep) : ILoadReports
{
    private const int FormatNumber = 1;
    private const string Pattern = "????????T??????-*.json";

    /// <summary>More than a line ever takes: a label and names of at most some hundred characters.</summary>
    private const int LineBytes = 16 * 1024;

    private readonly ConcurrentDictionary<string, LoadLine?> _lines = new(StringComparer.Ordinal);

    public async ValueTask KeepAsync(LoadReport report, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (folder.Length == 0) return;
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"{report.Run.StartedAt.UtcDateTime:yyyyMMdd'T'HHmmss}-{report.Run.Id:D}.json");
        var beside = Path.Combine(folder, $"{name}.{Guid.NewGuid():N}.part");
        try
        {
            var kept = new KeptReport(FormatNumber, LoadLine.Of(report.Run), report);
            await File.WriteAllBytesAsync(beside, JsonSerializer.SerializeToUtf8Bytes(kept, LoadJson.Default.KeptReport), ct);
            File.Move(beside, Path.Combine(folder, name), overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }

        Prune();
    }

    public async ValueTask<IReadOnlyList<LoadLine>> ListAsync(CancellationToken ct)
    {
        var lines = new List<LoadLine>();
        var files = Files();
        foreach (var file in files)
            if (await LineAsync(file, ct) is { } line) lines.Add(line);
        foreach (var gone in _lines.Keys.Except(files)) _lines.TryRemove(gone, out _);
        return lines;
    }

    public async ValueTask<LoadReport?> FindAsync(Guid id, CancellationToken ct)
    {
        var end = $"-{id:D}.json";
        if (Files().FirstOrDefault(file => file.EndsWith(end, StringComparison.Ordinal)) is not { } found) return null;
        try
        {
            var kept = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(found, ct), LoadJson.Default.KeptReport);
            return kept is { Format: FormatNumber } ? kept.Report : null;
        }
        catch (Exception unreadable) when (IsUnreadable(unreadable))
        {
            return null;
        }
    }

    /// <summary>Paths, the latest first.</summary>
    private List<string> Files()
    {
        if (folder.Length == 0 || !Directory.Exists(folder)) return [];
        var files = Directory.EnumerateFiles(folder, Pattern).ToList();
        files.Sort(static (left, right) => string.CompareOrdinal(right, left));
        return files;
    }

    private void Prune()
    {
        foreach (var old in Files().Skip(keep)) File.Delete(old);
    }

    private async ValueTask<LoadLine?> LineAsync(string file, CancellationToken ct)
    {
        if (_lines.TryGetValue(file, out var known)) return known;
        try
        {
            var head = new byte[LineBytes];
            await using var stream = File.OpenRead(file);
            var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
            return _lines[file] = ReadLine(head.AsSpan(0, length));
        }
        catch (Exception unreadable) when (IsUnreadable(unreadable))
        {
            return null;
        }
    }

    /// <summary>The member <c>line</c> of a document that may end in the middle of a later one; null where the format is not this one.</summary>
    private static LoadLine? ReadLine(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        var format = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("format"u8) && reader.Read()) format = reader.GetInt32();
            else if (reader.ValueTextEquals("line"u8))
                return format == FormatNumber && reader.Read() ? JsonSerializer.Deserialize(ref reader, LoadJson.Default.LoadLine) : null;
            else return null;
        }

        return null;
    }

    private static bool IsUnreadable(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException;
}

/// <summary>A file of the folder. The line stands before what it is a line of.</summary>
internal sealed record KeptReport(
    [property: System.Text.Json.Serialization.JsonPropertyOrder(-3)] int Format,
    [property: System.Text.Json.Serialization.JsonPropertyOrder(-2)] LoadLine Line,
    [property: System.Text.Json.Serialization.JsonPropertyOrder(-1)] LoadReport Report);
