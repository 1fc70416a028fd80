using System.Diagnostics;
using ActorPerf.Tests.Architecture;
using ActorPerf.Tests.Processes;

namespace ActorPerf.Tests.Clients;

/// <summary>The Python client's own tests, run by the system's Python against a real node.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class PythonClientTests(SharedNode shared)
{
    [FullFact]
    public async Task The_tests_of_the_Python_client_pass()
    {
        var start = new ProcessStartInfo("python3", ["-W", "error", "-m", "unittest"])
        {
            WorkingDirectory = Path.Combine(SourceTree.Root, "clients", "python"), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["ACTORPERF_URL"] = shared.Node.Url;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var python = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        var (said, complained) = (python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await python.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Executable.Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!python.HasExited) python.Kill(entireProcessTree: true);
        }
        Assert.True(python.ExitCode == 0, $"{await said}\n{await complained}");
        Assert.Contains("OK", await complained, StringComparison.Ordinal);
    }
}
