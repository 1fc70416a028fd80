using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace ActorPerf.Tasks.Commands;

/// <summary>Waits for all our children at once: the system's signal says that some ended, and each of ours is asked.</summary>
/// <remarks>One per process, as the signal is. Children of other code of this process are never asked, so their exit codes stay theirs.
/// A child that ended stays on the system's table until it is released: so long its id, which is also its group's, is nobody else's.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class ChildReaper
{
    private const int InfoSize = 256;

    /// <summary>A signal that was lost, for whatever reason, delays an answer by so much and no more.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource<ChildExit>> _running = [];
    private readonly PosixSignalRegistration _signal;
    private readonly ITimer _timer;

    private ChildReaper()
    {
        _timer = TimeProvider.System.CreateTimer(_ => Ask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Ask());
    }

    public static ChildReaper Instance { get; } = new();

    /// <summary>Waits for a child that was just started.</summary>
    public Task<ChildExit> WatchAsync(int pid)
    {
        var exited = new TaskCompletionSource<ChildExit>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _running.Add(pid, exited);
            if (_running.Count == 1) _timer.Change(Look, Look);
        }
        Ask(); // it may have ended before it was known
        return exited.Task;
    }

    /// <summary>Takes a child that has ended off the system's table.</summary>
    public static void Release(int pid)
    {
        while (PosixNative.WaitFor(pid, out _, PosixNative.NoHang) < 0 && Marshal.GetLastPInvokeError() == PosixNative.Interrupted)
        {
        }
    }

    private void Ask()
    {
        List<(int Pid, TaskCompletionSource<ChildExit> Child, ChildExit Exit)>? ended = null;
        lock (_gate)
        {
            foreach (var (pid, child) in _running)
                if (Ended(pid) is { } exit) (ended ??= []).Add((pid, child, exit));
            if (ended is null) return;
            foreach (var one in ended) _running.Remove(one.Pid);
            if (_running.Count == 0) _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        foreach (var one in ended) one.Child.TrySetResult(one.Exit);
    }

    private static unsafe ChildExit? Ended(int pid)
    {
        var info = stackalloc byte[InfoSize];
        new Span<byte>(info, InfoSize).Clear();
        while (PosixNative.WaitForState(PosixNative.ByPid, pid, info, PosixNative.Ended | PosixNative.NoHang | PosixNative.Leave) < 0)
            if (Marshal.GetLastPInvokeError() != PosixNative.Interrupted) return new ChildExit(0, 0, Known: false);
        if (*(int*)info == 0) return null; // no signal told of: it runs
        var status = *(int*)(info + PosixNative.StatusAt);
        return *(int*)(info + PosixNative.CodeAt) == PosixNative.EndedByItself ? new ChildExit(status & 0xff, 0) : new ChildExit(0, status);
    }
}
