using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ActorPerf.Node;

/// <summary>Standard output or error could not be written. Apart from other I/O faults, which are a node's or a file's.</summary>
public sealed class OutputException(Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>Whoever read it has gone: no fault of anybody.</summary>
    public bool IsClosed { get; } = cause is UnauthorizedAccessException || (cause.HResult & 0xFFFF) is 9 or 32 or 109 or 232;   // EBADF, EPIPE; Windows' two
}

/// <summary>A standard stream that reports every failure to write as <see cref="OutputException"/>.</summary>
/// <remarks>The framework's console stream swallows a closed pipe, so that <c>job tail | head</c> would never end;
/// a plain stream on the descriptor reports it. On a file, where nothing can close, a plain stream would write at
/// offsets of its own and so over what others append.</remarks>
internal sealed class StandardOutput(Stream inner) : Stream
{
    public static StreamWriter Open(int descriptor, Func<Stream> console, bool flushAlways)
    {
        var stream = OperatingSystem.IsWindows() ? console() : Plain(descriptor) ?? console();
        return new StreamWriter(new StandardOutput(stream), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = flushAlways, NewLine = "\n" };
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => Guard(inner.Flush);

    public override void Write(byte[] buffer, int offset, int count) => Guard(() => inner.Write(buffer, offset, count));

    /// <remarks>Whatever the token says: a writer has given up what it hands over, and a document would lack it.</remarks>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Guard(() => inner.Write(buffer.Span));
        return ValueTask.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(cause);
        }
    }

    private static FileStream? Plain(int descriptor)
    {
        try
        {
            var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? null : stream;
        }
        catch (Exception unusual) when (unusual is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;         // closed, or nothing to write to
        }
    }
}
