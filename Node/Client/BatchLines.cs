using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>Reads a bulk's lines and gives an id to each that has none.</summary>
internal static class BatchLines
{
    /// <summary>Well above what a node takes for one submission.</summary>
    private const int LongestLine = 1024 * 1024;

    /// <summary>The lines that are not blank, in order. The stream is closed at the end.</summary>
    /// <exception cref="InvalidDataException">A line is too long to be a submission; the message names it.</exception>
    public static async IAsyncEnumerable<BatchLine> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken ct)
    {
        var reader = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: 65_536));
        try
        {
            for (var number = 0L; ;)
            {
                var read = await reader.ReadAsync(ct);
                var rest = read.Buffer;
                while (TakeLine(ref rest, read.IsCompleted) is { } line)
                {
                    number++;
                    if (!line.AsSpan().ContainsAnyExcept(" \t\r"u8)) continue;
                    yield return new(number, WithId(line));
                }
                if (rest.Length > LongestLine)
                    throw new InvalidDataException($"Line {number + 1} is longer than {LongestLine} bytes: no submission is. Lines before it were sent.");
                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted) break;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static byte[]? TakeLine(ref ReadOnlySequence<byte> rest, bool last)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            var line = rest.Slice(0, end).ToArray();
            rest = rest.Slice(rest.GetPosition(1, end));
            return line;
        }
        if (!last || rest.IsEmpty) return null;
        var tail = rest.ToArray();
        rest = rest.Slice(rest.End);
        return tail;
    }

    /// <summary>The line with an id of its own. What is no JSON object goes as it is: the node says what is wrong with it.</summary>
    private static ReadOnlyMemory<byte> WithId(byte[] line)
    {
        try
        {
            var submission = JsonText.Parse(line);
            if (submission.ValueKind != JsonValueKind.Object || submission.TryGetProperty("id", out var id) && id.ValueKind != JsonValueKind.Null) return line;
            return JsonText.Body(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", Guid.CreateVersion7());
                // An id of null is none, to the node as well.
                foreach (var member in submission.EnumerateObject())
                    if (member.Name != "id") member.WriteTo(json);
                json.WriteEndObject();
            });
        }
        catch (JsonException)
        {
            return line;
        }
    }
}
