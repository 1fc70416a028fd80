using System.CommandLine;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorPerf.Configuration;
using ActorPerf.Node;
using ActorPerf.Node.Commands;
using ActorPerf.Setup;
using ActorPerf.Tests.Architecture;
using ActorPerf.Tests.Node;
using ActorPerf.Web;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Docs;

/// <summary>What the README shows is what compiles, runs and is there.</summary>
/// <remarks>Run with <c>ACTORPERF_WRITE_DOCS=1</c>, the tests of tables and code write what they expect instead of comparing it.</remarks>
public sealed partial class ReadmeTests
{
    private static bool Writes => Environment.GetEnvironmentVariable("ACTORPERF_WRITE_DOCS") == "1";

    [Fact]
    public void Its_code_is_that_of_the_examples()
    {
        var readme = SourceTree.Read("README.md");
        var shown = NamedCode().Matches(readme).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal(["docs/examples/Mounted/OpsHost.cs", "docs/examples/Shop/Program.cs", "docs/examples/Shop/ReportTask.cs", "docs/examples/Words/WordsTask.cs"], shown.Keys.Order(StringComparer.Ordinal));
        Assert.All(shown, one => Assert.Equal(SourceTree.Read(one.Key), one.Value));
    }

    [FullFact]
    public async Task A_task_of_ones_own_project_runs_in_ones_own_application()
    {
        using var folder = new TestFolder();
        await using var shop = await ExampleNode.StartAsync(folder.Root, ExampleNode.Example("Shop"), "Now listening on: ", "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = shop.Address };
        Assert.Equal("the shop", await client.GetStringAsync("/"));
        using var answer = await client.PostAsJsonAsync("/perf/api/v1/compute/report", new { year = 2026 });
        using var computed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("""{"year":2026,"orders":6078}""", computed.RootElement.GetProperty("result").GetRawText());
        Assert.True(File.Exists(folder.Path("data/actorperf.db")), shop.ToString());
        Assert.True(await shop.StopAsync() == 0, shop.ToString());
    }

    [Fact]
    public async Task A_task_of_an_assembly_in_the_folder_runs_in_the_ready_made_node()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.Path("tasks"));
        File.Copy(ExampleNode.Example("Words"), folder.Path("tasks/Words.dll"));
        await using var node = await ExampleNode.StartAsync(
            folder.Root, Path.Combine(AppContext.BaseDirectory, "actorperf"), " serves ", "--http:url", "http://127.0.0.1:0");
        var cli = new CliRun();
        Assert.Equal(ExitCodes.Done, await cli.InvokeAsync("--node", node.Address.ToString(), "compute", "words", """{"text": "to be or not to be"}"""));
        Assert.Equal("6", cli.Out.ToString().Trim());
        Assert.True(await node.StopAsync() == 0, node.ToString());
    }

    [Fact]
    public void The_table_of_settings_is_that_of_the_options() => AssertSection("settings", Settings(), "docs", "configuration.md");

    [Fact]
    public void The_table_of_commands_is_that_of_the_command_line() => AssertSection("commands", Commands(), "README.md");

    [Fact]
    public void The_settings_of_tasks_are_those_that_are_read() =>
        Assert.Equal(ActorPerf.Tasks.TaskOptions.Keys.Concat(ActorPerf.Tasks.Commands.CommandOptions.Keys), OfTasks.Select(one => one.Key.Split('.')[^1]));

    [Fact]
    public void The_settings_of_schedules_are_those_that_are_read() =>
        Assert.Equal(ScheduleSettings.Keys, OfSchedules.Select(one => one.Key.Split('.')[^1]));

    [Fact]
    public void What_the_shipped_file_shows_as_comments_can_be_written()
    {
        var file = SourceTree.Read("akka.hocon");
        var written = Commented().Replace(file, "$1");
        Assert.NotEqual(file, written);
        var configuration = new ConfigurationBuilder()
            .Add(new SettingLayerSource(HoconFlattener.Flatten(HoconReader.ReadText(written, "akka.hocon", _ => null)))).Build();
        var faults = new List<ConfigurationFault>();
        var options = ActorPerfSettings.Read(configuration, faults);
        OptionsBinder.Bind<HttpOptions>(configuration, "actorperf:http", faults);
        Assert.Empty(faults);
        Assert.Equal((256L << 20, 1_000_000L), (options.Cache.MaxBytes, options.Queues["default"].MaxWaiting));
    }

    [Fact]
    public void The_short_table_of_settings_names_real_ones_with_their_defaults()
    {
        var known = Described().ToDictionary(one => one.Key);
        var rows = SettingRow().Matches(SourceTree.Read("README.md"));
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(known[row.Groups[1].Value].Default, row.Groups[2].Value));
    }

    private static IEnumerable<ConfigurationSchema.Setting> Described() =>
        ConfigurationSchema.Describe(typeof(ActorPerfOptions), "actorperf")
            .Concat(ConfigurationSchema.Describe(typeof(HttpOptions), "actorperf.http"))
            .Select(one => one with
            {
                Description = SettingWords.Of(one.Key),
                Default = one.Key == "actorperf.cache.shards" ? "number of processors" : one.Default,      // what this machine has says nothing
            });

    private static string Settings() => ConfigurationSchema.ToMarkdown(Described().Concat(OfTasks).Concat(OfSchedules).Select(one => one with { Form = Short(one.Form) }));

    /// <summary>A task's settings are read by hand, for one of them has two forms.</summary>
    private static IReadOnlyList<ConfigurationSchema.Setting> OfTasks { get; } =
    [
        new("actorperf.tasks.<name>.memoize", "a duration, or an object", "", "0s to 3650d", "How long a result is remembered; `0s`: not at all. As an object: `duration`, `stale-while-revalidate`, `stale-if-error`, `eager`, `tags`, `resilient`, `negative`, `error-backoff`, `error-throttle`, `soft-timeout`, `hard-timeout`, `jitter`, `store` (docs/caching.md)."),
        new("actorperf.tasks.<name>.timeout", "a duration", "", "1ms to 30d", "How long an attempt may take."),
        new("actorperf.tasks.<name>.queue", "a text", "", "", "The queue whose pool runs it."),
        new("actorperf.tasks.<name>.max-attempts", "a whole number", "", "1 to 1000", "Attempts of a job before it fails, the first included."),
        new("actorperf.tasks.<name>.summary", "a text", "", "", "One sentence for people."),
        new("actorperf.tasks.<name>.retention", "an object", "", "1m to 3650d", "How long its finished jobs are kept after their end: `succeeded`, `failed`, `cancelled`, `expired`; what is left out is as its queue says, else the node."),
        new("actorperf.tasks.<name>.when-lost", "one of retry, fail", "", "", "What happens to an attempt whose node died: `retry` runs it again (at least once), `fail` fails the job (at most once)."),
        new("actorperf.tasks.<name>.retry", "an object", "", "", "`backoff { initial, factor, max }`, `non-retryable = [TYPE, …]`, `by-error { TYPE { initial, factor, max } }`."),
        new("actorperf.tasks.<name>.secret-args", "a list, each a text", "", "", "Members of the arguments whose values nobody is shown, as JSON pointers: `/password`."),
        new("actorperf.tasks.<name>.search-args", "a list, each a text", "", "", "Members of the arguments by which jobs are found quickly, as dotted paths: `customer.id`."),
        new("actorperf.tasks.<name>.command", "a list, each a text", "", "", "Makes the name a task that runs this program with these arguments, without a shell (docs/command-tasks.md). The rest counts with it alone."),
        new("actorperf.tasks.<name>.directory", "a text", "", "", "Its working folder; the folder of the configuration file where nothing is said, and relative to that."),
        new("actorperf.tasks.<name>.environment", "an object", "", "", "Variables that it gets besides the short list of every command."),
        new("actorperf.tasks.<name>.inherit", "a list, each a text", "", "", "Names of variables of the node that it gets too."),
        new("actorperf.tasks.<name>.persistent", "a whole number, or off", "off", "0 to 1000", "Processes that stay and answer one call after the other; `off` or 0: a process a call."),
        new("actorperf.tasks.<name>.kill-after", "a duration", "5s", "0s to 25s", "From asking a process to end until ending it with all it started."),
        new("actorperf.tasks.<name>.result-type", "a text", "application/json", "", "Media type of what it writes; other than JSON the result is a JSON string: the text of text types, Base64 of all others."),
        new("actorperf.tasks.<name>.args-schema", "an object, or a text of JSON", "none", "", "JSON Schema that arguments must fit."),
        new("actorperf.tasks.<name>.version", "a whole number", "1", "1 to 2147483647", "Part of the cache key: raise it when the same arguments give another result than before."),
    ];

    /// <summary>So are a schedule's, for its arguments are any JSON.</summary>
    private static IReadOnlyList<ConfigurationSchema.Setting> OfSchedules { get; } =
    [
        new("actorperf.schedules.<name>.cron", "a text", "", "", "When: minute, hour, day of the month, month, day of the week; or six fields with seconds first. Needed."),
        new("actorperf.schedules.<name>.time-zone", "a text", "UTC", "", "Whose clocks: an IANA name."),
        new("actorperf.schedules.<name>.task", "a text", "", "", "The task its jobs run. Needed."),
        new("actorperf.schedules.<name>.args", "a group of settings, or JSON as a text", "{}", "", "Their arguments."),
        new("actorperf.schedules.<name>.namespace", "a text", "default", "", "Whose jobs."),
        new("actorperf.schedules.<name>.queue", "a text", "", "", "Their queue; the task's unless given."),
        new("actorperf.schedules.<name>.priority", "a whole number", "5", "0 to 9", "Higher goes first."),
        new("actorperf.schedules.<name>.expires-in", "a duration", "", "", "A job expires unless started within so long."),
        new("actorperf.schedules.<name>.timeout", "a duration", "", "1ms to 30d", "How long an attempt may take."),
        new("actorperf.schedules.<name>.max-attempts", "a whole number", "", "1 to 1000", "Attempts of a job before it fails, the first included."),
        new("actorperf.schedules.<name>.tags", "a list, each a text", "[]", "", "Tags of every job."),
        new("actorperf.schedules.<name>.overlap", "one of skip, queue, cancel", "skip", "", "While the job of the tick before is not final."),
        new("actorperf.schedules.<name>.misfire", "one of one, skip, all", "one", "", "What becomes of missed ticks."),
        new("actorperf.schedules.<name>.misfire-limit", "a whole number", "100", "1 to 1000", "`all`: at most so many, the newest."),
        new("actorperf.schedules.<name>.jitter", "a duration", "0s", "0s to 1d", "Each job starts up to so much later."),
        new("actorperf.schedules.<name>.paused", "true or false", "false", "", "Ticks pass without a job."),
    ];

    /// <summary>The bounds stand beside it, and the page tells above how durations and sizes are written.</summary>
    private static string Short(string form) => form.Split(" from ")[0].Split(" with its unit")[0].Split(", such as")[0];

    /// <summary>One row a command, as <c>--help</c> describes it.</summary>
    private static string Commands()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = Root.Create(new GlobalOptions(new Shell(output, error), []));
        var table = new StringBuilder("| command | |\n|---|---|\n");
        foreach (var command in root.Subcommands)
            if (command.Subcommands.Count == 0) Row(table, command, "");
            else
                foreach (var inner in command.Subcommands) Row(table, inner, command.Name + " ");
        return table.ToString();
    }

    private static void Row(StringBuilder table, Command command, string palette)
    {
        var arguments = string.Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}"));
        table.Append("| `").Append(palette).Append(command.Name).Append(arguments).Append("` | ")
            .Append(command.Description?.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
    }

    private static void AssertSection(string name, string expected, params string[] file)
    {
        var page = SourceTree.Read(file);
        var section = new Regex($"(?<=<!-- {name}: [^\n]* -->\n).*?(?=<!-- end of {name} -->)", RegexOptions.Singleline);
        Assert.Matches(section, page);
        if (Writes) File.WriteAllText(Path.Combine([SourceTree.Root, .. file]), section.Replace(page, expected.Replace("$", "$$", StringComparison.Ordinal)));
        else Assert.Equal(expected, section.Match(page).Value);
    }

    [GeneratedRegex("`([^`\n]+\\.cs)`[^\n]*\n+```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex NamedCode();

    [GeneratedRegex("^( +)# (?=[a-z])", RegexOptions.Multiline)]
    private static partial Regex Commented();

    [GeneratedRegex(@"^\| `(actorperf\.[^`]+)` \| `([^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
