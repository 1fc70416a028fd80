using System.Text;
using System.Text.Json;

namespace ActorPerf.Node.Commands;

/// <summary>A task's arguments as they are written on the command line: JSON text, <c>@file</c>, or <c>-</c> for standard input.</summary>
internal static class JsonArguments
{
    /// <summary>The most that is read; the node's own limit is lower unless it was raised.</summary>
    private const int MostBytes = 16 * 1024 * 1024;

    /// <returns>The bytes as they were written, known to be one JSON value; or why there are none.</returns>
    public static async Task<(ReadOnlyMemory<byte> Json, string? Fault)> ReadAsync(string written, Shell shell, CancellationToken ct)
    {
        try
        {
            var bytes = written switch
            {
                "-" => await DrainAsync(shell.OpenIn(), ct),
                ['@', .. var file] => await DrainAsync(File.OpenRead(Path.Combine(shell.Folder, file)), ct),
                _ => Encoding.UTF8.GetBytes(written),
            };
            return bytes is null ? (default, $"The arguments are longer than {MostBytes} bytes.") : (bytes, Check(bytes));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return (default, $"The arguments cannot be read: {unreadable.Message}");
        }
    }

    private static string? Check(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return null;
        }
        catch (JsonException fault)
        {
            var place = fault is { LineNumber: { } line, BytePositionInLine: { } column } ? $"line {line + 1}, byte {column + 1}" : "the beginning";
            return $"The arguments are no JSON: fault at {place}. Write them as '{{\"n\": 12}}', @FILE, or - for standard input.";
        }
    }

    private static async Task<byte[]?> DrainAsync(Stream source, CancellationToken ct)
    {
        await using (source)
        {
            using var kept = new MemoryStream();
            var chunk = new byte[65_536];
            while (await source.ReadAsync(chunk, ct) is > 0 and var count)
            {
                if (kept.Length + count > MostBytes) return null;
                kept.Write(chunk, 0, count);
            }
            return kept.ToArray();
        }
    }
}
