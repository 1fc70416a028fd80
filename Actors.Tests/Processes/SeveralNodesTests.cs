using System.Globalization;
using ActorPerf.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>Several nodes in one process, as <c>--nodes</c> hosts them.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class SeveralNodesTests
{
    [FullFact]
    public async Task A_process_hosts_three_nodes_and_one_that_is_downed_gives_its_jobs_to_the_others()
    {
        await using var process = await NodeProcess.StartAsync(NodeProcess.Pools + NodeProcess.Tasks, null, "--nodes", "3");
        var first = new Uri(process.Url);
        Uri[] urls = [first, .. new[] { 1, 2 }.Select(place => new UriBuilder(first) { Port = first.Port + place }.Uri)];
        using var second = new NodeApi(urls[1]);
        using var third = new NodeApi(urls[2]);
        foreach (var url in urls) Assert.Contains("Count: 3 nodes", await RunAsync(process, url, "cluster", "show"), StringComparison.Ordinal);

        var id = await second.SubmitAsync("""{"task":"stuck-once"}""");
        var running = await third.ReachesAsync(id, "running");
        var owner = running.Text("node");
        await RunAsync(process, urls[0], "cluster", "down", owner, "--yes");

        var done = await third.ReachesAsync(id, "succeeded");
        // A crash, unless the node saw what was done to it before the leader did, and handed the job back.
        Assert.True((done.Number("attempt"), done.Number("crashes")) is (2, 0 or 1), done.ToString());
        await third.VerifyAsync();
        await process.Program.SignalAsync("TERM");
        Assert.Equal(ExitCodes.Done, await process.Program.ExitAsync());
        await process.VerifyOfflineAsync();
    }

    private static async Task<string> RunAsync(NodeProcess process, Uri node, params string[] command)
    {
        var ended = await Executable.RunAsync(process.Folder, ["--node", node.GetLeftPart(UriPartial.Authority), .. command]);
        Assert.True(ended.Code == ExitCodes.Done, string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', command)} ended with {ended.Code}: {ended.Error}"));
        return ended.Out;
    }
}
