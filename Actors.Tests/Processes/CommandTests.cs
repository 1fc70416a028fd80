using System.Net;
using ActorPerf.Tests.Node;
using ActorPerf.Tests.Tasks.Commands;

namespace ActorPerf.Tests.Processes;

/// <summary>Command tasks in a node of their own process: over HTTP, as jobs, and when the node is killed.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class CommandTests
{
    private const string Tasks = """
        actorperf.tasks {
          upper { command = [tr, a-z, A-Z], memoize = 5m }
          echo  { command = [sh, worker.sh], persistent = 2 }
          long  { command = [sh, long.sh], kill-after = 500ms }
        }
        """;

    private const string Worker = """
        echo $$ >> workers
        while IFS= read -r line; do
          id=${line#*'"id":"'}; id=${id%%'"'*}
          printf '{"id":"%s","result":%s}\n' "$id" "$line"
        done
        """;

    [FullFact]
    public async Task F_65_commands_answer_over_HTTP_and_as_jobs_and_end_with_a_node_that_is_killed()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("worker.sh"), Worker);
        await File.WriteAllTextAsync(folder.Path("long.sh"), "echo $$ >> pids; sh -c 'echo $$ >> pids; exec sleep 600' & wait");
        await using var node = await NodeProcess.StartAsync(NodeProcess.Pools + Tasks, folder);

        var computed = await node.Api.PostAsync("/compute/upper", """{"n": "ab"}""");
        Assert.Equal("AB", computed.Body.GetProperty("result").GetProperty("N").GetString());
        var id = await node.Api.SubmitAsync("""{"task": "echo", "args": {"n": 1}}""");
        await node.Api.ReachesAsync(id, "succeeded");
        var result = await node.Api.GetAsync($"/jobs/{id}/result");
        Assert.Equal((HttpStatusCode.OK, id), (result.Status, result.Text("jobId")));

        // A cancel ends the tree.
        var cancelled = await node.Api.SubmitAsync("""{"task": "long", "args": {}}""");
        var pids = await PidsAsync(folder.Path("pids"), 2);
        await node.Api.PostAsync($"/jobs/{cancelled}/cancel", "{}");
        await node.Api.ReachesAsync(cancelled, "cancelled");
        await EndedAsync(pids);

        // A kill leaves it, and the next life ends it before it runs the job again.
        var lost = await node.Api.SubmitAsync("""{"task": "long", "args": {}}""");
        pids = (await PidsAsync(folder.Path("pids"), 4))[2..];
        await node.KillAsync();
        foreach (var worker in await PidsAsync(folder.Path("workers"), 1)) await Eventually.Is(() => !CommandBench.Lives(worker), "a worker ends with its input");
        await node.StartAsync();
        await EndedAsync(pids);
        await PidsAsync(folder.Path("pids"), 6);
        await node.Api.PostAsync($"/jobs/{lost}/cancel", "{}");
        await node.Api.ReachesAsync(lost, "cancelled");
        await node.VerifyAsync();
    }

    /// <summary>They were killed; the system takes them down when it comes to them.</summary>
    private static Task EndedAsync(int[] pids) => Eventually.Is(() => !Array.Exists(pids, CommandBench.Lives), $"{string.Join(", ", pids)} have ended");

    private static async Task<int[]> PidsAsync(string file, int count)
    {
        await Eventually.Is(() => File.Exists(file) && File.ReadAllLines(file).Length >= count, $"{count} process ids in {Path.GetFileName(file)}");
        return [.. (await File.ReadAllLinesAsync(file)).Select(int.Parse)];
    }
}
