using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace ActorPerf.Tasks.Commands;

/// <summary>A child on Linux or macOS: leader of a session of its own. Its pipes are read without a thread that waits.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PosixChild : IChild
{
    private readonly RunMark _mark;
    private int _released;

    private PosixChild(int pid, RunMark mark, Stream input, Stream output, Stream errors)
    {
        (Pid, _mark, Input, Output, Errors) = (pid, mark, input, output, errors);
        Exited = ChildReaper.Instance.WatchAsync(pid);
    }

    public int Pid { get; }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Errors { get; }

    public Task<ChildExit> Exited { get; }

    /// <exception cref="ChildStartException">There is no such program, or it cannot be started.</exception>
    public static PosixChild Start(ChildSpec spec, string program)
    {
        var input = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var errors = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var started = false;
        try
        {
            _ = ChildReaper.Instance; // listens before there is something to hear
            var (pid, error) = PosixSpawn.Start(spec, program, Number(input), Number(output), Number(errors));
            if (pid == 0) throw ChildStart.Fault(spec, program, error, Marshal.GetPInvokeErrorMessage(error));
            started = true;
            foreach (var pipe in (AnonymousPipeServerStream[])[input, output, errors]) pipe.DisposeLocalCopyOfClientHandle();
            return new PosixChild(pid, spec.Mark, input, output, errors);
        }
        finally
        {
            if (!started)
                foreach (var pipe in (AnonymousPipeServerStream[])[input, output, errors]) pipe.Dispose();
        }
    }

    public void Terminate()
    {
        if (Volatile.Read(ref _released) != 0) return;
        _ = PosixNative.Signal(-Pid, PosixNative.Terminate);
        _ = PosixNative.Signal(-Pid, PosixNative.Continue); // one that was stopped hears nothing else
    }

    public async Task KillTreeAsync()
    {
        if (Volatile.Read(ref _released) != 0) return;
        // Reading the table of processes takes a few milliseconds of a thread.
        await Task.Run(() => ProcessTree.Kill(Pid, _mark.Run));
        await Exited;
    }

    public void KillGroup()
    {
        if (Volatile.Read(ref _released) == 0) _ = PosixNative.Signal(-Pid, PosixNative.Kill);
    }

    /// <summary>Ends what still runs of its group, waits for the first process, and closes the pipes.</summary>
    public async ValueTask DisposeAsync()
    {
        KillGroup();
        await Exited;
        if (Interlocked.Exchange(ref _released, 1) == 0) ChildReaper.Release(Pid);
        await Input.DisposeAsync();
        await Output.DisposeAsync();
        await Errors.DisposeAsync();
    }

    private static int Number(AnonymousPipeServerStream pipe) => (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
}
