using System.Buffers;

namespace ActorPerf.Tasks.Commands;

/// <summary>Reads lines from a pipe until it ends; always drains it. Of a line that is too long the beginning is told, marked as cut.</summary>
/// <param name="most">Bytes of a line that are kept, without its end.</param>
internal sealed class LineReader(Stream pipe, int most)
{
    private const int BufferSize = 16 * 1024;
    private const int Turn = 16;

    /// <summary>Told of each line without its end (LF or CR LF); an empty last line is none. Throws to stop the reading.</summary>
    public delegate void LineFound(ReadOnlySpan<byte> line, bool cut);

    /// <summary>Ends with the pipe, or when the pipe breaks or is closed here.</summary>
    public async Task ReadAsync(LineFound found, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var line = new ArrayBufferWriter<byte>(256);
        var told = false; // the line is too long: its beginning was told, its rest is skipped
        try
        {
            for (var reads = 1; await Pipes.ReadAsync(pipe, buffer, ct) is > 0 and var read; reads++)
            {
                if (reads % Turn == 0) await Task.Yield(); // a flood must not keep its thread from others
                var rest = buffer.AsSpan(0, read);
                for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
                {
                    if (line.WrittenCount == 0 && !told && end <= most) found(WithoutReturn(rest[..end]), false);
                    else if (!told)
                    {
                        var cut = Keep(line, rest[..end]);
                        found(WithoutReturn(line.WrittenSpan), cut);
                    }
                    Clear(ref line);
                    told = false;
                }
                if (told || !Keep(line, rest)) continue;
                found(line.WrittenSpan, true); // at once: it may never end
                told = true;
            }
            if (line.WrittenCount > 0 && !told) found(WithoutReturn(line.WrittenSpan), false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>Whether something did not fit.</returns>
    private bool Keep(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> part)
    {
        var fits = Math.Min(part.Length, most - line.WrittenCount);
        line.Write(part[..fits]);
        return fits < part.Length;
    }

    private static void Clear(ref ArrayBufferWriter<byte> line)
    {
        if (line.Capacity > 4 * BufferSize) line = new ArrayBufferWriter<byte>(256);
        else line.ResetWrittenCount();
    }

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.. var text, (byte)'\r'] ? text : line;
}
