using System.Diagnostics;
using System.Globalization;
using System.Net;
using ActorPerf.Node;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>A disk that refuses writes (not for want of space): the node acknowledges nothing more and ends.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class DiskFaultTests
{
    private const string Prlimit = "/usr/bin/prlimit";

    // A limit on the size of files makes every further write of the log fail with an I/O error, in the engine's own calls.
    [FullFact]
    public async Task An_input_output_error_ends_the_node_with_74_and_keeps_what_was_acknowledged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Prlimit), "install prlimit on Linux: apt-get install -y util-linux");
        using var folder = new TestFolder();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}");
        string[] settings = ["--storage:connection-string", $"Data Source={folder.Path("node.db")}", "--http:url", url];
        using var api = new NodeApi(new Uri(url));

        string acknowledged;
        await using (var node = Executable.StartIgnoring("XFSZ", folder.Root, settings))
        {
            await node.SaidAsync("Try: ");
            await api.ReadyAsync();
            acknowledged = await api.SubmitAsync("""{"task":"square","args":{"n":5}}""");
            await api.ReachesAsync(acknowledged, "succeeded");
            await LimitFilesAsync(node.Id, bytes: 4096);
            for (var i = 0; i < 3; i++) await RefusesAsync(api);        // also while it stops: an answer, and no wait for one
            Assert.Equal(ExitCodes.FileFault, await node.ExitAsync());
            Assert.Contains("disk I/O error", node.Error, StringComparison.Ordinal);
        }

        await using var next = Executable.Start(folder.Root, settings);
        await next.SaidAsync("Try: ");
        await api.ReadyAsync();
        Assert.Equal("succeeded", (await api.GetAsync($"/jobs/{acknowledged}")).Text("state"));
        var verify = await Executable.RunAsync(folder.Root, "--node", url, "verify");
        Assert.True(verify.Code == ExitCodes.Done, verify.ToString());
    }

    /// <summary>Any answer but a good one, or none.</summary>
    private static async Task RefusesAsync(NodeApi api)
    {
        try
        {
            var reply = await api.PostAsync("/jobs", """{"task":"square","args":{"n":6}}""");
            Assert.True(reply.Status == HttpStatusCode.ServiceUnavailable, reply.ToString());
        }
        catch (HttpRequestException)
        {
            // It listens no longer.
        }
    }

    private static async Task LimitFilesAsync(int process, long bytes)
    {
        using var limit = Process.Start(Prlimit, [
            "--pid", process.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--fsize={bytes}:{bytes}")]);
        await limit.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, limit.ExitCode);
    }
}
