using System.Runtime.InteropServices;

namespace ActorPerf.Node;

/// <summary>Turns the first Ctrl-C or termination signal into a cancellation; a second one ends the process at once.</summary>
public sealed class Interrupt : IDisposable
{
    /// <summary>Wrappers send a signal to the process and to its group: two within a moment are one wish.</summary>
    private static readonly TimeSpan SameWish = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;
    private long _first;

    public Interrupt() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;     // the work under way ends in order
        var first = Interlocked.CompareExchange(ref _first, TimeProvider.System.GetTimestamp(), 0);
        if (first == 0) _source.Cancel();
        else if (TimeProvider.System.GetElapsedTime(first) > SameWish) Environment.Exit(ExitCodes.Interrupted);
    }
}
