namespace ActorPerf.TestKit.MultiNode;

/// <summary>One direction of a <see cref="TcpProxy"/>.</summary>
public sealed class ProxyWay
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;

    /// <summary>How long each piece is under way; it does not lower how much passes in a time. Default none.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How much passes in a second on each connection; null: no limit.</summary>
    public int? BytesPerSecond { get; set; }

    public bool IsHeld
    {
        get
        {
            lock (_gate) return _held is not null;
        }
    }

    /// <summary>From now on nothing arrives, and nobody is told.</summary>
    public void Hold()
    {
        lock (_gate) _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What was held goes on, in its order.</summary>
    public void Release()
    {
        TaskCompletionSource? held;
        lock (_gate) (held, _held) = (_held, null);
        held?.TrySetResult();
    }

    internal void Mend()
    {
        (Delay, BytesPerSecond) = (TimeSpan.Zero, null);
        Release();
    }

    /// <summary>Waits until a piece that was read at a moment may arrive.</summary>
    internal async ValueTask PassAsync(long readAt, CancellationToken ct)
    {
        var left = Delay - TimeProvider.System.GetElapsedTime(readAt);
        if (left > TimeSpan.Zero) await Task.Delay(left, ct);
        while (true)
        {
            Task held;
            lock (_gate)
            {
                if (_held is null) return;
                held = _held.Task;
            }
            await held.WaitAsync(ct);
        }
    }

    /// <summary>Waits for as long as a piece takes at the most that may pass.</summary>
    internal Task PaceAsync(int bytes, CancellationToken ct) =>
        BytesPerSecond is { } most ? Task.Delay(TimeSpan.FromSeconds((double)bytes / most), ct) : Task.CompletedTask;
}
