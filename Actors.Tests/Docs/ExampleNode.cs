using System.Diagnostics;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Docs;

/// <summary>A program that serves, started as a user would, in a folder of its own.</summary>
internal sealed class ExampleNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _said;

    private ExampleNode(Process process, Uri address, List<string> said) => (_process, Address, _said) = (process, address, said);

    public Uri Address { get; }

    /// <summary>The assembly of a program under <c>docs/examples</c>.</summary>
    public static string Example(string name)
    {
        var kind = new DirectoryInfo(AppContext.BaseDirectory);            // …/bin/Debug/net10.0
        return Path.Combine(SourceTree.Root, "docs", "examples", name, "bin", kind.Parent!.Name, kind.Name, $"{name}.dll");
    }

    /// <param name="folder">Where it runs.</param>
    /// <param name="program">An executable, or an assembly for <c>dotnet</c>.</param>
    /// <param name="marker">What stands before the address in the line that tells it.</param>
    public static async Task<ExampleNode> StartAsync(string folder, string program, string marker, params IEnumerable<string> arguments)
    {
        var start = program.EndsWith(".dll", StringComparison.Ordinal)
            ? new ProcessStartInfo("dotnet", [program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        (start.RedirectStandardError, start.RedirectStandardOutput, start.WorkingDirectory) = (true, true, folder);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var said = new List<string>();
        var found = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => found.TrySetException(new InvalidOperationException($"{program} ended: {All(said)}"));
        DataReceivedEventHandler hear = (_, line) =>
        {
            if (line.Data is not { } text) return;
            lock (said) said.Add(text);
            var at = text.IndexOf(marker, StringComparison.Ordinal);
            if (at >= 0) found.TrySetResult(new Uri(text[(at + marker.Length)..].Split(' ')[0].TrimEnd('/') + "/"));
        };
        process.OutputDataReceived += hear;
        process.ErrorDataReceived += hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ExampleNode(process, await found.Task.WaitAsync(Patience), said);
    }

    /// <summary>Asks it to stop, as a service manager does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs signals");
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, with no word.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public override string ToString() => All(_said);

    private static string All(List<string> said)
    {
        lock (said) return string.Join('\n', said);
    }
}
