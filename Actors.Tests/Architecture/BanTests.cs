using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>What the style forbids and no compiler sees. An exception is listed here with its reason, or there is none.</summary>
public sealed partial class BanTests
{
    private static readonly string[] Product = ["Actors", "Web", "Node", "Client", "Actors.TestKit"];

    [Fact]
    public void Time_comes_from_a_time_provider_and_chance_from_a_seed() =>
        AssertNone(["Actors"], ClockOrChance(), new()
        {
            ["Actors/Kernel/Cells/ActorCell.cs"] = "a turn ends by the processor's time, which no virtual clock moves",
            ["Actors/Kernel/Dispatch/PoolDispatcher.cs"] = "how fast turns follow each other is the processor's time too; a simulation has another dispatcher",
        });

    [Fact]
    public void No_thread_is_blocked_and_no_task_is_left_alone() =>
        AssertNone(["Actors", "Web", "Client"], Blocking(), new()
        {
            ["Actors/Caching/CoarseClock.cs"] = "a thread of its own, which sleeps between two looks at the clock",
            ["Actors/Storage/Sqlite/SqliteReaders.cs"] = "threads of its own, made to wait: SQLite's calls block",
            ["Actors/Storage/PostgreSql/Jobs/JoinedEntities.cs"] = "on the thread of a lane of writes, which waits for the server in all that it does",
            ["Actors/Storage/PostgreSql/Own/JoinedWork.cs"] = "on the thread of a lane of such works, which has nothing else to do; what is asked has ended already",
            ["Actors/Compute/ComputeActor.cs"] = "has ended already",
            ["Actors/Jobs/JobService.cs"] = "has ended already",
            ["Actors/Data/WatchedWrite.cs"] = "has ended already: throws what it threw",
            ["Actors/Kernel/Cells/ActorCell.Awaiting.cs"] = "has ended already: throws what it threw",
        });

    [Fact]
    public void Libraries_write_to_logs_and_not_to_the_console() => AssertNone(["Actors", "Web", "Client"], ConsoleWrite(), []);

    [Fact]
    public void Only_the_store_speaks_SQL()
    {
        var outside = Product.SelectMany(folder => SourceTree.Files(folder, ".cs", ".razor"))
            .Where(file => !file.Name.StartsWith("Actors/Storage/", StringComparison.Ordinal))
            .SelectMany(file => file.PlacesInText(Sql()));
        Assert.Empty(outside);
    }

    [Fact]
    public void Nothing_is_left_to_be_done_later()
    {
        var marks = Product.Concat(["Actors.Tests", "Benchmarks", "docker", "docs"]).SelectMany(folder => SourceTree.Files(folder, ".cs", ".razor", ".js", ".css", ".md", ".hocon", ".yaml"))
            .Where(file => file.Name != "Actors.Tests/Architecture/BanTests.cs")
            .SelectMany(file => file.PlacesInText(Mark()));
        Assert.Empty(marks);
    }

    [Fact]
    public void Nothing_is_announced_and_not_implemented() => AssertNone(Product, NotImplemented(), []);

    [Theory]
    [InlineData("var now = DateTime.UtcNow;", true)]
    [InlineData("// DateTime.UtcNow", false)]
    [InlineData("say(\"DateTime.UtcNow\");", false)]
    [InlineData("var other = MyDateTime.UtcNow;", false)]
    public void Code_is_told_from_what_is_said_about_it(string line, bool found) =>
        Assert.Equal(found, new SourceFile("x.cs", line).Places(ClockOrChance()).Any());

    [Theory]
    [InlineData("LoadAsync(1).Result", true)]
    [InlineData("_task.Wait()", true)]
    [InlineData("answer.Result", false)]
    [InlineData("async void Go()", true)]
    public void What_blocks_is_found(string code, bool found) => Assert.Equal(found, Blocking().IsMatch(code));

    private static void AssertNone(string[] folders, Regex banned, Dictionary<string, string> exceptions)
    {
        var files = folders.SelectMany(folder => SourceTree.Files(folder, ".cs", ".razor")).ToList();
        Assert.Empty(files.Where(file => !exceptions.ContainsKey(file.Name)).SelectMany(file => file.Places(banned)));
        // An exception that is no longer needed goes.
        Assert.All(exceptions.Keys, name => Assert.Contains(files, file => file.Name == name && banned.IsMatch(file.Code)));
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b|\bRandom\.Shared\b|\bStopwatch\.(StartNew|GetTimestamp)\b")]
    private static partial Regex ClockOrChance();

    [GeneratedRegex(@"\basync void\b|\bThread\.Sleep\(|\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)|\bTask\.WaitA(ll|ny)\(|(Async\(.*\)|[tT]ask|\.Task)\.Result\b")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\bConsole\.(Write|Error|Out|Read)")]
    private static partial Regex ConsoleWrite();

    // Statements as one would write them, so that a sentence that begins with such a word is none.
    [GeneratedRegex(@"\b(SELECT\s.{1,200}?\sFROM\s|INSERT\s+INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s|CREATE\s+(TABLE|INDEX|UNIQUE)|BEGIN\s+IMMEDIATE|PRAGMA\s)")]
    private static partial Regex Sql();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Mark();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex NotImplemented();
}
