using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;

namespace ActorPerf.Tests.Tasks.Commands;

public sealed class OneShotTests
{
    private static readonly Guid Job = Guid.Parse("0190a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b");

    [Fact]
    public async Task Arguments_come_on_standard_input_and_the_result_goes_out_on_standard_output()
    {
        await using var bench = CommandBench.Shell("cat");
        Assert.Equal("""{"n": [1, 2.50], "é": "ü"}""", await bench.RunAsync("""{"n": [1, 2.50], "é": "ü"}"""));
    }

    [Fact]
    public async Task Nothing_on_standard_output_is_null_and_line_ends_of_a_result_are_taken_out()
    {
        await using var bench = CommandBench.Shell("exit 0");
        Assert.Equal("null", await bench.RunAsync());
        bench.Write("script.sh", "printf '{\\n \"a\": 1.0,\\n \"b\": \"x\"\\n}\\n'");
        Assert.Equal("""{"a":1.0,"b":"x"}""", await bench.RunAsync());
        bench.Write("script.sh", "printf '[\\n\"\\\\udcff\"\\n]'");      // half of a surrogate pair: taken, as on one line
        Assert.Equal("""["\udcff"]""", await bench.RunAsync());
    }

    [Theory]
    [InlineData("echo hello world", "hello world")]
    [InlineData("echo '{\"a\": 1, \"a\": 2}'", "a")]
    [InlineData("printf '\"\\377\"'", "no UTF-8")]
    public async Task What_is_no_JSON_is_a_bad_result_that_no_further_attempt_mends(string script, string words)
    {
        await using var bench = CommandBench.Shell(script);
        var error = await bench.FailAsync();
        Assert.Equal(("bad-result", false), (error.Type, error.Retryable));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_type_of_result_is_a_text_or_Base64()
    {
        await using var bench = CommandBench.Shell("printf 'a,b\\n1,\"2\"\\n'", "result-type = text/csv");
        Assert.Equal("text/csv", bench.Task("run").ResultType);
        Assert.Equal("""
            "a,b\n1,\"2\"\n"
            """.Trim(), await bench.RunAsync());
        bench.Write("script.sh", "printf '\\377\\330'");
        Assert.Equal(("bad-result", false), await bench.FailAsync() is var error ? (error.Type, error.Retryable) : default);
        await using var bytes = CommandBench.Shell("printf '\\377\\330'", "result-type = image/jpeg");
        Assert.Equal("\"/9g=\"", await bytes.RunAsync());
    }

    [Fact]
    public async Task Arguments_of_the_command_are_data_whatever_they_hold()
    {
        await using var bench = CommandBench.Of("""
            run { command = [printf, "%s|", "$HOME", "; echo no", "`id`", "$(id)", "*", "a b", "-n", "--", "\n", "'", ""], result-type = text/plain }
            """);
        Assert.Equal("""
            "$HOME|; echo no|`id`|$(id)|*|a b|-n|--|\n|'||"
            """.Trim(), await bench.RunAsync());
    }

    [Fact]
    public async Task The_environment_is_the_list_and_nothing_else()
    {
        await using var bench = CommandBench.Of("""run { command = [env], result-type = text/plain, environment { OWN = "a b", LANG = C }, inherit = [DOTNET_ROOT, NOT_THERE] }""");
        var context = new AttemptContext(Job, 3, Namespace.Default, "run", TimeProvider.System, traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            inherited: new Inheritance("""{"at":7}"""u8.ToArray(), []));
        var text = System.Text.Json.JsonDocument.Parse(await bench.RunAsync(context: context)).RootElement.GetString() ?? "";
        var found = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split('=')[0], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        string[] expected =
        [
            "OWN", "LANG", "ACTORPERF_ATTEMPT", "ACTORPERF_CHECKPOINT", "ACTORPERF_JOB_ID", "ACTORPERF_NAMESPACE", "ACTORPERF_NODE", "ACTORPERF_RUN", "ACTORPERF_TASK", "TRACEPARENT",
            .. new[] { "PATH", "HOME", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT" }.Where(name => name == "PATH" || Environment.GetEnvironmentVariable(name) is { Length: > 0 }),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("a b", "C", "3", """{"at":7}""", Job.ToString(), "default", "run"),
            (found["OWN"], found["LANG"], found["ACTORPERF_ATTEMPT"], found["ACTORPERF_CHECKPOINT"], found["ACTORPERF_JOB_ID"], found["ACTORPERF_NAMESPACE"], found["ACTORPERF_TASK"]));
    }

    [Fact]
    public async Task A_call_outside_a_job_has_no_job_in_its_environment()
    {
        await using var bench = CommandBench.Shell("echo \"\\\"${ACTORPERF_JOB_ID-none} ${TRACEPARENT-none} ${ACTORPERF_CHECKPOINT-none}\\\"\"");
        Assert.Equal("\"none none none\"", await bench.RunAsync());
    }

    [Fact]
    public async Task A_process_has_three_files_and_a_session_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "run on Linux: looks at /proc");
        await using var bench = CommandBench.Shell("ls /proc/$$/fd; true", "result-type = text/plain");
        var files = await bench.RunAsync();
        Assert.Matches(@"^""0\\n1\\n(10\\n)?2\\n""$", files);       // a shell keeps its script open as 10
        bench.Write("script.sh", "cut -d' ' -f5,6 /proc/$$/stat > ids; echo $$");
        var pid = (await bench.RunAsync()).Trim('"').Replace("\\n", "", StringComparison.Ordinal);
        Assert.Equal($"{pid} {pid}", bench.Read("ids").Trim());
    }

    [Fact]
    public async Task It_works_in_the_folder_of_the_configuration_or_the_one_that_is_named()
    {
        await using var bench = CommandBench.Of("""
            run { command = [pwd], result-type = text/plain }, there { command = [pwd], directory = below, result-type = text/plain }
            """);
        Assert.EndsWith($"{Path.GetFileName(bench.Folder)}\\n\"", await bench.RunAsync(), StringComparison.Ordinal);
        var missing = await bench.FailAsync(task: "there");
        Assert.Equal(("command-not-found", false), (missing.Type, missing.Retryable));
        Directory.CreateDirectory(bench.Path("below"));
        Assert.EndsWith("/below\\n\"", await bench.RunAsync(task: "there"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_may_be_a_path_seen_from_the_folder_of_the_configuration()
    {
        await using var bench = CommandBench.Of("run { command = [\"./tool\"], directory = / }", ("tool", "#!/bin/sh\necho 5\n"));
        var refused = await bench.FailAsync();
        Assert.Equal(("command-not-found", false), (refused.Type, refused.Retryable));
        Assert.Contains("chmod +x", refused.Message, StringComparison.Ordinal);
        File.SetUnixFileMode(bench.Path("tool"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal("5", await bench.RunAsync());
    }

    [Theory]
    [InlineData("no-such-program", "in no folder of PATH")]
    [InlineData("./no-such-file", "is not there")]
    public async Task A_program_that_is_not_there_fails_the_call_for_good(string program, string words)
    {
        await using var bench = CommandBench.Of($"run {{ command = [\"{program}\"] }}");
        var error = await bench.FailAsync();
        Assert.Equal(("command-not-found", false), (error.Type, error.Retryable));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_on_standard_error_are_the_log_with_their_levels()
    {
        await using var bench = CommandBench.Shell("""
            echo plain >&2
            echo '{"level": "warning", "message": "careful"}' >&2
            echo '{"level": "ERROR", "message": "bad", "more": 1}' >&2
            echo '{"other": 1}' >&2
            echo '{broken}' >&2
            printf 'last\r\nwithout end' >&2
            """);
        var context = A.Context("run");
        await bench.RunAsync(context: context);
        Assert.Equal(
            [
                (Microsoft.Extensions.Logging.LogLevel.Information, "plain"), (Microsoft.Extensions.Logging.LogLevel.Warning, "careful"),
                (Microsoft.Extensions.Logging.LogLevel.Error, "bad"), (Microsoft.Extensions.Logging.LogLevel.Information, """{"other": 1}"""),
                (Microsoft.Extensions.Logging.LogLevel.Information, "{broken}"), (Microsoft.Extensions.Logging.LogLevel.Information, "last"),
                (Microsoft.Extensions.Logging.LogLevel.Information, "without end"),
            ],
            context.Lines.Select(line => (line.Level, line.Text)));
    }

    [Fact]
    public async Task Objects_with_progress_or_checkpoint_are_no_log_lines()
    {
        await using var bench = CommandBench.Shell("""
            echo '{"progress": 40, "message": "half", "data": {"row": 4}}' >&2
            echo '{"checkpoint": {"row": 4}}' >&2
            """);
        var context = A.Context("run");
        await bench.RunAsync(context: context);
        Assert.Empty(context.Lines);
        Assert.Equal((40, "half", """{"row": 4}"""), (context.Latest?.Percent, context.Latest?.Message, Encoding.UTF8.GetString(context.Latest!.Data.Span)));
        Assert.Equal("""{"row": 4}""", Encoding.UTF8.GetString(context.Saved!.Value.Span));
    }

    [Theory]
    [InlineData("exit 75", "exit-75", true)]
    [InlineData("exit 1", "exit-1", true)]
    [InlineData("exit 64", "exit-64", false)]
    [InlineData("exit 65", "exit-65", false)]
    [InlineData("exit 137", "exit-137", true)]
    [InlineData("kill -KILL $$", "signal-KILL", true)]
    [InlineData("kill -SEGV $$", "signal-SEGV", true)]
    [InlineData("kill -ABRT $$", "signal-ABRT", true)]
    [InlineData("kill -PIPE $$", "signal-PIPE", true)]
    public async Task F_60_a_process_that_crashes_fails_its_attempt_by_exit_code_or_signal(string script, string type, bool retryable)
    {
        await using var bench = CommandBench.Shell($"echo 1; echo why >&2\n{script}");
        Assert.Equal((type, "why", retryable), await bench.FailAsync() is var error ? (error.Type, error.Message, error.Retryable) : default);
    }

    [Fact]
    public async Task The_last_4_KiB_of_standard_error_are_the_message()
    {
        await using var bench = CommandBench.Shell("i=0; while [ $i -lt 2000 ]; do echo \"line $i\"; i=$((i+1)); done >&2; exit 3");
        var error = await bench.FailAsync();
        Assert.InRange(error.Message.Length, 4000, 4096);
        Assert.EndsWith("line 1998\nline 1999", error.Message, StringComparison.Ordinal);
        bench.Write("script.sh", "exit 3");
        Assert.Contains("exit code 3", (await bench.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_may_say_when_another_attempt_helps()
    {
        await using var bench = CommandBench.Shell("""echo busy >&2; echo '{"retryAfter": "30s"}' >&2; exit 75""");
        var error = await bench.FailAsync();
        Assert.Equal((TimeSpan.FromSeconds(30), "busy", true), (error.RetryAfter, error.Message, error.Retryable));
    }

    [Fact]
    public async Task A_process_may_snooze()
    {
        await using var bench = CommandBench.Shell("""echo '{"snooze": "30s"}' >&2; exit 75""");
        Assert.Equal(TimeSpan.FromSeconds(30), (await Assert.ThrowsAsync<SnoozeException>(() => bench.RunAsync())).Delay);
    }

    [Fact]
    public async Task Arguments_that_nobody_reads_do_no_harm()
    {
        await using var bench = CommandBench.Shell("exec <&-; echo 1");
        Assert.Equal("1", await bench.RunAsync($"\"{new string('a', 1 << 20)}\""));
    }
}
