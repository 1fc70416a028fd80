using System.Globalization;
using System.Text.RegularExpressions;
using ActorPerf.Node;
using ActorPerf.Tests.Node;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Processes;

/// <summary>A node starts soon and says how to go on, or says why not and what to do.</summary>
[Collection(nameof(ProcessCollection))]
public sealed partial class StartTests(SharedNode shared)
{
    [Fact]
    public async Task A_node_serves_within_three_seconds_and_names_the_next_command()
    {
        var best = shared.Node.StartedWithin;
        for (var attempt = 0; attempt < 2 && best > TimeSpan.FromSeconds(3); attempt++)
        {
            await using var another = await NodeProcess.StartAsync();
            if (another.StartedWithin < best) best = another.StartedWithin;
        }
        Assert.InRange(best, TimeSpan.Zero, TimeSpan.FromSeconds(3));

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
    public void Settings_without_effect_are_named_once()
    {
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
        var run = await RefusedAsync(node.Folder, [.. node.Storage, .. Listen()]);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"in use by process {node.Program.Id}."), run.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await node.Api.PostAsync("/compute/square", """{"n":1}""")).Number("result"));
    }

    [Fact]
    public async Task A_port_in_use_is_refused_in_words()
    {
        using var folder = new TestFolder();
        var run = await RefusedAsync(folder.Root, ["--storage:provider", "memory", "--http:url", shared.Node.Url]);
        Assert.Contains("another program listens there", run.Error, StringComparison.Ordinal);
        Assert.Contains(new Uri(shared.Node.Url).Port.ToString(CultureInfo.InvariantCulture), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_where_the_data_folder_should_be_is_refused()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("data"), "a file", TestContext.Current.CancellationToken);
        var run = await RefusedAsync(folder.Root, ["--storage:connection-string", $"Data Source={folder.Path("data")}/node.db", .. Listen()]);
        Assert.Contains(folder.Path("data"), run.Error, StringComparison.Ordinal);
        Assert.Contains("actorperf.storage.connection-string", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_without_write_permission_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: the permissions are theirs");
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.Path("data"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = Refused(await Executable.RunObeyingPermissionsAsync(
            folder.Root, ["--storage:connection-string", $"Data Source={folder.Path("data")}/node.db", .. Listen()]));
        Assert.Contains(folder.Path("data"), run.Error, StringComparison.Ordinal);
        Assert.Contains("permissions", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        using var folder = new TestFolder();
        var letter = string.Concat(Enumerable.Repeat("Dear reader, this is a letter and no database. ", 100));
        await File.WriteAllTextAsync(folder.Path("node.db"), letter, TestContext.Current.CancellationToken);
        var run = await RefusedAsync(folder.Root, [.. Storage(folder), .. Listen()]);
        Assert.Contains("is no SQLite database", run.Error, StringComparison.Ordinal);
        Assert.Equal(letter, await File.ReadAllTextAsync(folder.Path("node.db"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        using var folder = new TestFolder();
        await using (var database = new SqliteConnection($"Data Source={folder.Path("node.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999; CREATE TABLE future (id INTEGER);";
            command.ExecuteNonQuery();
        }
        var run = await RefusedAsync(folder.Root, [.. Storage(folder), .. Listen()]);
        Assert.Contains("schema 999", run.Error, StringComparison.Ordinal);
        Assert.Contains("Run the newer program", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actorperf {\n  jobs { max-attempts = 3\n", "akka.hocon", ":2:", "brace")]
    [InlineData("actorperf {\n  jobs { max-atempts = 3 }\n}\n", ":2:", "max-atempts", "Did you mean 'max-attempts'?")]
    [InlineData("actorperf {\n  jbs { max-attempts = 3 }\n}\n", ":2:", "jbs", "Did you mean 'jobs'?")]
    [InlineData("actorperf.node.name = ${actorperf.node.name}\n", "akka.hocon", ":1:", "actorperf.node.name")]
    [InlineData("a = ${b}\nb = ${a}\n", "akka.hocon", ":2:", "itself")]
    [InlineData("actorperf.jobs.max-attempts = many\n", ":1:", "actorperf.jobs.max-attempts", "many")]
    public async Task A_fault_of_the_configuration_is_named_with_its_place(string hocon, params string[] words)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), hocon, TestContext.Current.CancellationToken);
        var run = await RefusedAsync(folder.Root, [.. Storage(folder), .. Listen()]);
        Assert.All(words, word => Assert.Contains(word, run.Error, StringComparison.Ordinal));
        Assert.False(File.Exists(folder.Path("node.db")), "a database was made");
    }

    /// <summary>Ends by itself with the code of a wrong configuration, in words and without a stack trace.</summary>
    private static async Task<Executable.Ended> RefusedAsync(string folder, IEnumerable<string> arguments) =>
        Refused(await Executable.RunAsync(folder, arguments));

    private static Executable.Ended Refused(Executable.Ended run)
    {
        Assert.True(run.Code == ExitCodes.Configuration, run.ToString());
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
        return run;
    }

    private static string[] Storage(TestFolder folder) => ["--storage:connection-string", $"Data Source={folder.Path("node.db")}"];

    private static string[] Listen() => ["--http:url", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{NodeProcess.FreePort()}")];

    [GeneratedRegex("Try: .+ compute square '(?<args>[^']+)' --node (?<node>\\S+)")]
    private static partial Regex NextCommand();
}
