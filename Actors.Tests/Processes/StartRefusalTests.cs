using System.Globalization;
using ActorPerf.Node;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Node;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Processes;

/// <summary>A node that cannot start says why not and what to do. Nothing is timed here, so other tests may run beside it.</summary>
public sealed class StartRefusalTests
{
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
    internal static async Task<Executable.Ended> RefusedAsync(string folder, IEnumerable<string> arguments) =>
        Refused(await Executable.RunAsync(folder, arguments));

    private static Executable.Ended Refused(Executable.Ended run)
    {
        Assert.True(run.Code == ExitCodes.Configuration, run.ToString());
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
        return run;
    }

    private static string[] Storage(TestFolder folder) => ["--storage:connection-string", $"Data Source={folder.Path("node.db")}"];

    internal static string[] Listen() => ["--http:url", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}")];
}
