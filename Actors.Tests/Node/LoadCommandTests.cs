using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Node;
using ActorPerf.Node.Commands;
using ActorPerf.Node.Output;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Load.Figures;

namespace ActorPerf.Tests.Node;

public sealed class LoadCommandTests
{
    private const string Scenario =
        """
        actorperf.load.scenarios.page {
          summary = "Looks at a page."
          users.visitor { tasks.look { requests = [{ path = "/page" }] } }
        }
        """;

    [FullFact]
    public async Task A_run_leaves_its_figures_as_tables_and_files()
    {
        using var folder = await FolderAsync();
        await using var target = await ScriptedNode.AnsweringAsync("""{"ok": true}""");
        var run = new CliRun { Folder = folder.Root };
        var code = await run.InvokeAsync(
            "load", "run", "page", "-H", target.Url, "-u", "2", "-r", "10", "-t", "10m", "-s", "1", "--headless", "--max-requests", "50", "--seed", "7", "--threshold", "http_req_failed:rate<0.01",
            "--csv", "out/p", "--csv-full-history", "--html", "out/r-{u}-{r}-{t}.html", "--json-file", "out/r.json", "--hgrm", "out/r.hgrm", "--show-task-ratio");
        Assert.True(code == ExitCodes.Done, run.Error.ToString());
        Assert.Contains("Passed", run.Out.ToString(), StringComparison.Ordinal);
        var stats = CsvTable.Read(await File.ReadAllTextAsync(folder.Path("out/p_stats.csv"), TestContext.Current.CancellationToken));
        Assert.Equal(["/page", "Aggregated"], stats.Rows.Select(row => row["Name"]));
        Assert.Equal("50", stats.Rows[^1]["Request Count"]);
        Assert.Equal(50, target.Requests.Count);
        var history = CsvTable.Read(await File.ReadAllTextAsync(folder.Path("out/p_stats_history.csv"), TestContext.Current.CancellationToken));
        Assert.Equal(("Aggregated", "50"), (history.Rows[^1]["Name"], history.Rows[^1]["Total Request Count"]));
        Assert.True(File.Exists(folder.Path("out/p_failures.csv")) && File.Exists(folder.Path("out/p_exceptions.csv")) && File.Exists(folder.Path("out/r.hgrm")) && File.Exists(folder.Path("out/r-2-10-10m.html")));
        var report = LoadReport.Read(await File.ReadAllBytesAsync(folder.Path("out/r.json"), TestContext.Current.CancellationToken));
        Assert.Equal((50L, LoadVerdict.Passed, 7), (report.Run.Total.Count, report.Verdict, report.Run.Plan.Seed));
        Assert.StartsWith("actorperf load run page -H", report.Surroundings.Command, StringComparison.Ordinal);
        Assert.Single(await new LoadReports(folder.Path("load-runs"), 5).ListAsync(TestContext.Current.CancellationToken));
    }

    [FullFact]
    public async Task The_exit_code_tells_failures_from_thresholds()
    {
        using var folder = await FolderAsync();
        await using var target = await ScriptedNode.AnsweringAsync("""{"ok": false}""", 503);
        string[] usual = ["load", "run", "page", "-H", target.Url, "-t", "10m", "--max-requests", "5", "--no-keep", "--only-summary"];
        Assert.Equal(ExitCodes.Refused, await new CliRun { Folder = folder.Root }.InvokeAsync(usual));
        Assert.Equal(0, await new CliRun { Folder = folder.Root }.InvokeAsync([.. usual, "--exit-code-on-error", "0"]));
        var failed = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.ThresholdFailed, await failed.InvokeAsync([.. usual, "--threshold", "http_req_failed:rate<0.5"]));
        Assert.Contains("status 503", failed.Out.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Path("load-runs")));
    }

    [Fact]
    public void A_compact_summary_has_what_counts_and_no_more()
    {
        var (full, compact) = (Printed(compact: false), Printed(compact: true));
        foreach (var both in new[] { "Aggregated", "Thresholds", "Threshold failed" })
        {
            Assert.Contains(both, full, StringComparison.Ordinal);
            Assert.Contains(both, compact, StringComparison.Ordinal);
        }
        foreach (var detail in new[] { "Response times by percentile", "Jobs from acceptance", "Failures" })
        {
            Assert.Contains(detail, full, StringComparison.Ordinal);
            Assert.DoesNotContain(detail, compact, StringComparison.Ordinal);
        }

        static string Printed(bool compact)
        {
            using var output = new StringWriter();
            LoadTable.Print(SampleRun.Report(failed: 3).Run, new Printer(output, OutputFormat.Table, width: null), compact: compact);
            return output.ToString();
        }
    }

    [FullFact]
    public async Task Interrupting_ends_the_run_in_order_and_tells_what_was_measured()
    {
        using var folder = await FolderAsync();
        using var interrupt = new CancellationTokenSource();
        await using var target = await ScriptedNode.AnsweringAsync("{}");
        var run = new CliRun { Folder = folder.Root, Interrupt = interrupt.Token };
        var running = run.InvokeAsync("load", "run", "page", "-H", target.Url, "-t", "10m", "--rate", "5", "--no-keep");
        // Requests come from the run as soon as it is asked for: its first line tells that it is followed.
        await Eventually.Is(() => target.Requests.Count > 5 && run.Error.ToString().Contains(" requests, ", StringComparison.Ordinal), "the run goes on");
        await interrupt.CancelAsync();
        Assert.Equal(ExitCodes.Interrupted, await running);
        Assert.Contains("Aggregated", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('w', 21)]
    [InlineData('W', 30)]
    [InlineData('s', 19)]
    [InlineData('S', 10)]
    public void A_key_changes_the_users_of_a_run(char key, int users)
    {
        var run = SampleRun.Report(state: LoadState.Running).Run;
        Assert.Equal(new LoadEdit(Users: users, SpawnRate: 100), LoadKeys.EditOf(key, run));
        Assert.Equal(new LoadEdit(Users: users), LoadKeys.EditOf(key, run with { Users = 3 }));
        var open = run with { Plan = run.Plan with { Model = new LoadModel.Open(20) { TimeUnit = TimeSpan.FromMinutes(1) } }, PlannedRate = 20.0 / 60 };
        Assert.Equal(new LoadEdit(Rate: users), LoadKeys.EditOf(key, open));
        Assert.Null(LoadKeys.EditOf('x', run));
    }

    [Fact]
    public void Keys_never_ask_for_less_than_nobody()
    {
        var run = SampleRun.Report(new LoadModel.Closed(4, 1), state: LoadState.Running).Run;
        Assert.Equal(0, LoadKeys.EditOf('S', run)!.Users);
    }

    [FullFact]
    public async Task Keys_change_and_end_a_run_and_stand_below_the_table()
    {
        using var folder = await FolderAsync();
        await using var target = await ScriptedNode.AnsweringAsync("{}");
        var keys = System.Threading.Channels.Channel.CreateUnbounded<char>();
        var run = new CliRun { Folder = folder.Root, Terminal = true, Width = 120, Keys = keys.Reader.ReadAllAsync };
        var running = run.InvokeAsync("load", "run", "page", "-H", target.Url, "-t", "10m", "-u", "1", "-r", "50", "--max-requests", "1000000", "--no-keep");
        await Eventually.Is(() => run.Error.ToString().Contains("1 of 1 users", StringComparison.Ordinal), "the user is there");
        Assert.Contains("Keys: w W one, ten users more; s S less; q ends the run", run.Error.ToString(), StringComparison.Ordinal);
        foreach (var key in "Ww") Assert.True(keys.Writer.TryWrite(key));
        await Eventually.Is(() => run.Error.ToString().Contains("12 of 12 users", StringComparison.Ordinal), "eleven more are there");
        keys.Writer.TryWrite('q');
        Assert.Equal(ExitCodes.Done, await running);
        Assert.Contains("Passed", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_does_not_answer_is_told_before_anything_is_sent()
    {
        using var folder = await FolderAsync();
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.CannotConnect, await run.InvokeAsync("load", "run", "page", "-H", $"http://127.0.0.1:{LoopbackPort.Free()}", "-t", "1s"));
        Assert.Contains("does not answer", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_told_before_anything_is_sent()
    {
        using var folder = await FolderAsync();
        Directory.CreateDirectory(folder.Path("out"));
        await using var target = await ScriptedNode.AnsweringAsync("{}");
        foreach (var flag in new[] { "--html", "--json-file", "--hgrm" })
        {
            var run = new CliRun { Folder = folder.Root };
            Assert.Equal(ExitCodes.FileFault, await run.InvokeAsync("load", "run", "page", "-H", target.Url, "-t", "1s", "--max-requests", "1", flag, "out"));
            Assert.Contains("could not be read or written", run.Error.ToString(), StringComparison.Ordinal);
        }
        Assert.Empty(target.Requests);
        Assert.False(Directory.Exists(folder.Path("load-runs")));
    }

    [FullFact]
    public async Task A_report_is_kept_before_its_files_are_written()
    {
        using var folder = await FolderAsync();
        await using var target = await ScriptedNode.StartAsync(async context =>
        {
            // Taken away while the run goes on.
            File.Delete(folder.Path("r.html"));
            Directory.CreateDirectory(folder.Path("r.html"));
            await context.JsonAsync("{}");
        });
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.FileFault, await run.InvokeAsync("load", "run", "page", "-H", target.Url, "-t", "10m", "--max-requests", "1", "--html", "r.html"));
        Assert.Single(await new LoadReports(folder.Path("load-runs"), 5).ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_of_values_that_cannot_be_read_is_named()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), Scenario + "\nactorperf.load.scenarios.page.data.people.file = \"missing.csv\"", TestContext.Current.CancellationToken);
        await using var target = await ScriptedNode.AnsweringAsync("{}");
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync("load", "run", "page", "-H", target.Url, "-t", "1s"));
        Assert.Contains("missing.csv", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_is_allowed_besides_those_of_the_configuration()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), Scenario + "\nactorperf.load.allow-hosts = [one.invalid]", TestContext.Current.CancellationToken);
        foreach (var host in new[] { "one.invalid", "two.invalid" })
        {
            var run = new CliRun { Folder = folder.Root };
            Assert.Equal(ExitCodes.CannotConnect, await run.InvokeAsync("load", "run", "page", "-H", $"http://{host}", "--allow-host", "two.invalid", "-t", "1s"));
        }
    }

    [Theory]
    [InlineData("SCENARIO", "nothing")]
    [InlineData("--host", "page", "-H", "http://example.com")]
    [InlineData("--users", "page", "-u", "many")]
    [InlineData("--users", "page", "-u", "5", "--rate", "10")]
    [InlineData("--stage", "page", "--stage", "100")]
    [InlineData("--threshold", "page", "--threshold", "fast")]
    [InlineData("ramping-vus", "page", "--executor", "ramping-vus")]
    [InlineData("Name a scenario")]
    [InlineData("--expect-workers 4: one process makes the load here", "page", "--expect-workers", "4")]
    [InlineData("--processes -1: one process makes the load here", "page", "--processes", "-1")]
    [InlineData("--master: one process makes the load here", "page", "--master", "--expect-workers", "1")]
    [InlineData("--worker: one process makes the load here", "page", "--worker")]
    [InlineData("compact", "page", "--summary-mode", "short")]
    public async Task What_cannot_be_run_is_told_by_its_flag(string told, params string[] arguments)
    {
        using var folder = await FolderAsync();
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(ExitCodes.Usage, await run.InvokeAsync([.. new[] { "load", "run" }, .. arguments]));
        Assert.Contains(told, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scenarios_of_the_configuration_stand_among_those_that_ship()
    {
        using var folder = await FolderAsync();
        var run = new CliRun { Folder = folder.Root };
        Assert.Equal(0, await run.InvokeAsync("load", "run", "--list"));
        Assert.Contains("Looks at a page.", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("submit-and-wait", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_the_node_is_printed_or_written()
    {
        using var folder = await FolderAsync();
        var report = SampleRun.Report(failed: 2);
        await using var node = await ScriptedNode.AnsweringAsync(System.Text.Encoding.UTF8.GetString(report.ToJson()));
        var printed = new CliRun { Folder = folder.Root };
        Assert.Equal(0, await printed.InvokeAsync("load", "report", SampleRun.Id.ToString(), "--node", node.Url));
        Assert.Contains("Threshold failed", printed.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal($"/api/v1/load/runs/{SampleRun.Id}/report.json", node.Requests.First().Path);
        var written = new CliRun { Folder = folder.Root };
        Assert.Equal(0, await written.InvokeAsync("load", "report", SampleRun.Id.ToString(), "--node", node.Url, "--html", "r.html", "--csv", "p"));
        Assert.Equal(HtmlReport.Write(report), await File.ReadAllTextAsync(folder.Path("r.html"), TestContext.Current.CancellationToken));
        Assert.Equal(LocustCsv.History(report), await File.ReadAllTextAsync(folder.Path("p_stats_history.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Runs_are_listed()
    {
        await using var node = await ScriptedNode.AnsweringAsync($$"""{"items": [{"id": "{{SampleRun.Id}}", "scenario": "submit", "verdict": "passed", "p95": 0.0125, "requests": 12}], "next": null}""");
        var run = new CliRun();
        Assert.Equal(0, await run.InvokeAsync("load", "list", "--node", node.Url));
        Assert.Contains("12.5", run.Lines[1], StringComparison.Ordinal);
    }

    private static async Task<TestFolder> FolderAsync()
    {
        var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("akka.hocon"), Scenario, TestContext.Current.CancellationToken);
        return folder;
    }
}
