using System.Globalization;
using System.Text.RegularExpressions;
using ActorPerf.Node;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>A node starts soon and says how to go on, or says why not and what to do.</summary>
[Collection(nameof(ProcessCollection))]
public sealed partial class StartTests(SharedNode shared)
{
    [Fact]
    public void A_node_that_starts_says_where_it_serves_and_names_the_next_command()
    {
        var said = shared.Node.Program.Error;
        Assert.Contains($"serves {shared.Node.Url}\n", said, StringComparison.Ordinal);
        var next = NextCommand().Match(said);
        Assert.True(next.Success, said);
        Assert.Equal("", shared.Node.Program.Out);
    }

    [Fact]
    public async Task The_next_command_works_as_it_is_printed()
    {
        var next = NextCommand().Match(shared.Node.Program.Error);
        var run = await Executable.RunAsync(shared.Node.Folder, "compute", "square", next.Groups["args"].Value, "--node", next.Groups["node"].Value);
        Assert.Equal((ExitCodes.Done, "144\n", ""), (run.Code, run.Out, run.Error));
    }

    [Fact]
    public async Task Settings_without_effect_are_named_once()
    {
        await shared.Node.Program.SaidAsync("akka.cluster.min-nr-of-members");        // the log's own thread writes it
        var lines = shared.Node.Program.Error.Split('\n').Where(line => line.Contains("akka.cluster", StringComparison.Ordinal)).ToArray();
        var line = Assert.Single(lines);
        Assert.Contains("akka.cluster.seed-nodes", line, StringComparison.Ordinal);
        Assert.Contains("akka.cluster.min-nr-of-members", line, StringComparison.Ordinal);
        Assert.Contains("no effect", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused_and_told_of_the_first()
    {
        var node = shared.Node;
        var run = await StartRefusalTests.RefusedAsync(node.Folder, [.. node.Storage, .. StartRefusalTests.Listen()]);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"in use by process {node.Program.Id}."), run.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await node.Api.PostAsync("/compute/square", """{"n":1}""")).Number("result"));
    }

    [Fact]
    public async Task A_port_in_use_is_refused_in_words()
    {
        using var folder = new TestFolder();
        var run = await StartRefusalTests.RefusedAsync(folder.Root, ["--storage:provider", "memory", "--http:url", shared.Node.Url]);
        Assert.Contains("another program listens there", run.Error, StringComparison.Ordinal);
        Assert.Contains(new Uri(shared.Node.Url).Port.ToString(CultureInfo.InvariantCulture), run.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex("Try: .+ compute square '(?<args>[^']+)' --node (?<node>\\S+)")]
    private static partial Regex NextCommand();
}
