using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>A JSON text being written. Rented from the thread, so a request costs no buffer of its own; return it on the thread that rented it,
/// with no await in between.</summary>
internal sealed class JsonBuffer : IBufferWriter<byte>
{
    private const int Initial = 4096;
    private const int MaxKept = 256 * 1024;

    [ThreadStatic]
    private static JsonBuffer? s_spare;

    private byte[] _bytes = new byte[Initial];
    private int _written;

    private JsonBuffer() => Json = new Utf8JsonWriter(this, new JsonWriterOptions
    {
        SkipValidation = true,                               // what is written here is written by our own code
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // answers are JSON with nosniff, never part of a page
    });

    public Utf8JsonWriter Json { get; }

    /// <summary>What was written; valid until the buffer is returned.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Json.Flush();
            return _bytes.AsSpan(0, _written);
        }
    }

    /// <summary>What was written, as a line among others (<see cref="JsonLine"/>): raw parts of it come on the lines that they were given in. Most came on one, and then this is a look.</summary>
    public ReadOnlySpan<byte> AsLine()
    {
        if (!JsonLine.Is(Written)) _written = JsonLine.Compact(_bytes.AsSpan(0, _written)).Length;
        return _bytes.AsSpan(0, _written);
    }

    public static JsonBuffer Rent()
    {
        var buffer = s_spare ?? new JsonBuffer();
        s_spare = null;
        return buffer;
    }

    public void Return()
    {
        Clear();
        if (_bytes.Length <= MaxKept) s_spare = this;
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Json.Reset();
        _written = 0;
    }

    /// <summary>Ends the current text and puts a byte behind it, such as a line's end; the next text may begin.</summary>
    public void EndWith(byte mark)
    {
        Json.Flush();
        Json.Reset();
        GetSpan(1)[0] = mark;
        _written++;
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(_written);
    }

    private void Ensure(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 256);
        if (_bytes.Length - _written >= needed) return;
        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, (long)_written + needed)));
    }
}
