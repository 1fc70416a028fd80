using System.Diagnostics;
using System.Globalization;
using System.Net;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>A node whose disk fills up: it refuses what needs space, answers what does not, and recovers.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class FullDiskTests
{
    private const int Ballast = 6 * 1024 * 1024;

    [FullFact]
    public async Task A_full_disk_refuses_submits_keeps_finishes_and_recovers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "run as root, who may mount a small disk: mount -t tmpfs -o size=16m tmpfs FOLDER");
        using var folder = new TestFolder();
        Assert.SkipUnless(await MountAsync(folder.Root), "this machine lets nobody mount: mount -t tmpfs -o size=16m tmpfs FOLDER");
        try
        {
            await FillAndRecoverAsync(folder);
        }
        finally
        {
            await RunAsync("umount", "-l", folder.Root);
        }
    }

    private static async Task FillAndRecoverAsync(TestFolder folder)
    {
        await File.WriteAllBytesAsync(folder.Path("ballast"), new byte[Ballast], TestContext.Current.CancellationToken);
        // It ends when the disk is full, however long that takes, and says so where there is space.
        using var beside = new TestFolder();
        await using var node = await NodeProcess.StartAsync(
            $"{NodeProcess.Pools}\nactorperf.tasks.held {{ command = [sh, \"-c\", \"cd {beside.Root}; until [ -e go ]; do sleep 0.1; done; echo 1; > ended\"] }}", folder);
        var running = await node.Api.SubmitAsync("""{"task":"held"}""");
        await node.Api.ReachesAsync(running, "running");
        var accepted = 0;
        var refused = await FillAsync(node.Api, () => accepted++);
        Assert.Equal((HttpStatusCode.InsufficientStorage, "storage-full"), (refused.Status, refused.Text("code")));
        Assert.True(accepted > 0, "the disk was full from the start");
        Assert.Equal(HttpStatusCode.OK, (await node.Api.GetAsync($"/jobs/{running}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.Api.GetAsync("/jobs?limit=10")).Status);

        // Its run ends while there is no space; the finish is kept until there is.
        await File.WriteAllTextAsync(beside.Path("go"), "", TestContext.Current.CancellationToken);
        await Eventually.Is(() => File.Exists(beside.Path("ended")), "its run ends");
        var ended = Stopwatch.StartNew();
        while (ended.Elapsed < TimeSpan.FromSeconds(3))
        {
            Assert.Equal("running", (await node.Api.GetAsync($"/jobs/{running}", ("Prefer", "wait=1"), ("If-None-Match", "\"none\""))).Text("state"));
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        File.Delete(folder.Path("ballast"));
        var job = await node.Api.ReachesAsync(running, "succeeded");
        Assert.Equal(1, job.Number("attempt"));
        await node.Api.ReachesAsync(await node.Api.SubmitAsync("""{"task":"square","args":{"n":5}}"""), "succeeded");
        Assert.Equal(accepted, (await node.Api.CountsAsync("filler")).Values.Sum());
        await node.VerifyAsync();
        Assert.False(node.Program.HasExited);
    }

    /// <summary>Submits large jobs until one is refused, then small ones until not even those are taken.</summary>
    private static async Task<Reply> FillAsync(NodeApi api, Action accepted)
    {
        var last = default(Reply);
        foreach (var size in new[] { 200_000, 10_000, 10 })
        {
            for (var job = 0; job < 1_000; job++)
            {
                var filler = new string('x', size);
                last = await api.PostAsync(
                    "/jobs", string.Create(CultureInfo.InvariantCulture, $$$"""{"task":"square","args":{"n":{{{job}}}},"queue":"nobody","meta":{"filler":"{{{filler}}}"}}"""), NodeApi.Namespace("filler"));
                if (last.Status != HttpStatusCode.Accepted) break;
                accepted();
            }
        }
        return last!;
    }

    private static async Task<bool> MountAsync(string folder) => await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder) == 0;

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync().WaitAsync(Executable.Patience);
        return process.ExitCode;
    }
}
