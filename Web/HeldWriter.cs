using System.Buffers;
using System.IO.Pipelines;

namespace ActorPerf.Web;

/// <summary>Keeps what is written until it is opened; from then on it is the server's own writer.</summary>
/// <param name="opening">Opens it, before the first flush.</param>
internal sealed class HeldWriter(PipeWriter inner, Func<ValueTask> opening) : PipeWriter
{
    private ArrayBufferWriter<byte>? _held;

    public bool IsOpen { get; private set; }

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes + (_held?.WrittenCount ?? 0);

    public void Open()
    {
        if (IsOpen) return;
        IsOpen = true;
        if (_held is { WrittenCount: > 0 } held) inner.Write(held.WrittenSpan);
        _held = null;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => IsOpen ? inner.GetMemory(sizeHint) : Held.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => IsOpen ? inner.GetSpan(sizeHint) : Held.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (IsOpen) inner.Advance(bytes);
        else Held.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => IsOpen ? inner.FlushAsync(cancellationToken) : OpenAndFlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    /// <summary>Before it is open, nothing: the server completes the body when the request ends.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (IsOpen) inner.Complete(exception);
    }

    private ArrayBufferWriter<byte> Held => _held ??= new ArrayBufferWriter<byte>();

    private async ValueTask<FlushResult> OpenAndFlushAsync(CancellationToken ct)
    {
        await opening();
        return await inner.FlushAsync(ct);
    }
}
