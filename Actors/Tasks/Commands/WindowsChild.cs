using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace ActorPerf.Tasks.Commands;

/// <summary>A child on Windows: there is no signal that asks it to end, so that ending its input is what asks it; its descendants are ended
/// as the framework finds them.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsChild : IChild
{
    private readonly Process _process;

    private WindowsChild(Process process)
    {
        _process = process;
        Exited = ExitAsync();
    }

    public int Pid => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Errors => _process.StandardError.BaseStream;

    public Task<ChildExit> Exited { get; }

    /// <exception cref="ChildStartException">It cannot be started.</exception>
    public static WindowsChild Start(ChildSpec spec, string program)
    {
        var start = new ProcessStartInfo(program, spec.Command.Skip(1))
        {
            WorkingDirectory = spec.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment) start.Environment[name] = value;
        try
        {
            return new WindowsChild(Process.Start(start) ?? throw new ChildStartException("command-not-found", $"'{program}' did not start.", retryable: false));
        }
        catch (Win32Exception fault)
        {
            throw ChildStart.Fault(spec, program, fault.NativeErrorCode, fault.Message);
        }
    }

    public void Terminate() => Input.Close();

    public async Task KillTreeAsync()
    {
        KillGroup();
        await Exited;
    }

    public void KillGroup()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or one of its descendants, ended meanwhile.
        }
    }

    public async ValueTask DisposeAsync()
    {
        KillGroup();
        await Exited;
        _process.Dispose();
    }

    private async Task<ChildExit> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return new ChildExit(_process.ExitCode, 0);
    }
}
