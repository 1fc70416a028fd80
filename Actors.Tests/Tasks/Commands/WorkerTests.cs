using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>Persistent command tasks. The workers are shell scripts, so that nothing need be installed; the Python sample has tests of its own.</summary>
public sealed class WorkerTests
{
    /// <summary>Reads calls, takes the id out of each, and runs <paramref name="body"/> with it.</summary>
    internal static string Loop(string body) => $$"""
        echo $$ >> pids
        while IFS= read -r line; do
          id=${line#*'"id":"'}; id=${id%%'"'*}
        {{body}}
        done
        echo ended >> ends
        """;

    private static readonly string Echo = Loop("""printf '{"id":"%s","result":%s}\n' "$id" "$line" """);

    /// <param name="killAfter">How long a test waits for a worker that is ended; a worker that ends by itself may need more on a busy machine.</param>
    internal static CommandBench Workers(string script, int count = 1, int maxResultBytes = CommandSettings.DefaultMaxResultBytes, string killAfter = "500ms") =>
        CommandBench.Of($"run {{ command = [sh, script.sh], persistent = {count}, kill-after = {killAfter} }}", maxResultBytes, ("script.sh", script));

    [Fact]
    public async Task One_process_answers_call_after_call_and_is_told_of_each()
    {
        await using var bench = Workers(Echo);
        var job = Guid.CreateVersion7();
        var context = new AttemptContext(job, 2, Namespace.Default, "run", TimeProvider.System, traceParent: "00-a-b-01", inherited: new Inheritance("[7]"u8.ToArray(), []));
        using var first = JsonDocument.Parse(await bench.RunAsync("{\n \"n\": 1.50\n}", context));
        Assert.Equal(
            ("run", """{"n":1.50}""", job.ToString(), 2, "default", "00-a-b-01", "[7]"),
            (Text(first, "task"), Raw(first, "args"), Text(first, "jobId"), first.RootElement.GetProperty("attempt").GetInt32(), Text(first, "namespace"), Text(first, "traceparent"), Raw(first, "checkpoint")));
        using var second = JsonDocument.Parse(await bench.RunAsync("[]"));
        Assert.False(second.RootElement.TryGetProperty("jobId", out _));
        Assert.NotEqual(Text(first, "id"), Text(second, "id"));
        Assert.Single(await bench.PidsAsync("pids", 1));
    }

    [Fact]
    public async Task Calls_beyond_the_processes_wait_and_no_more_processes_are_started()
    {
        await using var bench = Workers(Echo, count: 2);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => bench.RunAsync()));
        Assert.InRange((await bench.PidsAsync("pids", 1)).Length, 1, 2);
    }

    [Fact]
    public async Task Workers_end_with_their_host_when_their_input_ends()
    {
        var bench = Workers(Echo, count: 1, killAfter: "25s");
        await bench.RunAsync();
        var pid = Assert.Single(await bench.PidsAsync("pids", 1));
        var ends = bench.Path("ends");
        await using (bench)
        {
            Assert.True(CommandBench.Lives(pid));
            await bench.EndHostAsync();
            Assert.True(File.Exists(ends));
        }
        Assert.False(CommandBench.Lives(pid));
    }

    [Fact]
    public async Task A_worker_that_ends_not_by_itself_is_ended_with_its_host()
    {
        var bench = Workers(Loop("""printf '{"id":"%s","result":1}\n' "$id" """) + "trap '' TERM; while :; do sleep 60; done");
        await bench.RunAsync();
        var pid = Assert.Single(await bench.PidsAsync("pids", 1));
        await bench.DisposeAsync();
        Assert.False(CommandBench.Lives(pid));
    }

    [Fact]
    public async Task Progress_log_and_checkpoint_reach_the_attempt()
    {
        await using var bench = Workers(Loop("""
            printf '{"id":"%s","progress":25,"message":"a quarter","data":[1]}\n' "$id"
            printf '{"id":"%s","log":"careful","level":"warning"}\n' "$id"
            printf '{"id":"%s","checkpoint":{"row":4}}\n' "$id"
            printf '{"id":"%s","result":null}\n' "$id"
            """));
        var context = A.Context("run");
        Assert.Equal("null", await bench.RunAsync(context: context));
        Assert.Equal((25, "a quarter", "[1]"), (context.Latest?.Percent, context.Latest?.Message, Encoding.UTF8.GetString(context.Latest!.Data.Span)));
        Assert.Equal(("careful", Microsoft.Extensions.Logging.LogLevel.Warning), Assert.Single(context.Lines) is var line ? (line.Text, line.Level) : default);
        Assert.Equal("""{"row":4}""", Encoding.UTF8.GetString(context.Saved!.Value.Span));
    }

    [Fact]
    public async Task An_error_keeps_type_message_and_what_it_says_of_another_attempt()
    {
        await using var bench = Workers(Loop("""printf '{"id":"%s","error":{"type":"Late","message":"no rates","retryable":false,"retryAfter":"2m"}}\n' "$id" """));
        var error = await bench.FailAsync();
        Assert.Equal(new TaskError("Late", "no rates", Retryable: false) { RetryAfter = TimeSpan.FromMinutes(2) }, error);
        await bench.FailAsync();
        Assert.Single(await bench.PidsAsync("pids", 1));
    }

    [Theory]
    [InlineData("\"2m\"", 120.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("\"soon\"", null)]
    public void A_worker_may_snooze(string delay, double? seconds)
    {
        var (id, line) = WorkerLines.Read(Encoding.UTF8.GetBytes($$"""{"id":"a","snooze":{{delay}}}"""));
        Assert.Equal("a", id);
        if (seconds is { } time) Assert.Equal(new WorkerLine.Snooze(TimeSpan.FromSeconds(time)), line);
        else Assert.Contains("neither a duration", Assert.IsType<WorkerLine.Garbage>(line).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_crashes_fails_its_call_alone_and_another_takes_its_place()
    {
        await using var bench = Workers(Loop("""
            case "$line" in *crash*) echo dying >&2; kill -KILL $$;; esac
            printf '{"id":"%s","result":1}\n' "$id"
            """));
        Assert.Equal("1", await bench.RunAsync());
        var error = await bench.FailAsync("\"crash\"");
        Assert.Equal(("signal-KILL", "dying", true), (error.Type, error.Message, error.Retryable));
        Assert.Equal("1", await bench.RunAsync());
        Assert.Equal(2, (await bench.PidsAsync("pids", 2)).Length);
    }

    [Theory]
    [InlineData("echo hello")]
    [InlineData("echo '[1]'")]
    [InlineData("echo '{\"result\":1}'")]
    [InlineData("printf '{\"id\":\"%s\"}\\n' \"$id\"")]
    [InlineData("printf '{\"id\":\"%s\",\"result\":1,\"error\":{}}\\n' \"$id\"")]
    [InlineData("printf '{\"id\":\"%s\",\"error\":7}\\n' \"$id\"")]
    [InlineData("echo '{\"id\":\"another\",\"result\":1}'")]
    [InlineData("printf '\\377\\n'")]
    public async Task F_67_garbage_fails_the_call_and_ends_the_process(string say)
    {
        await using var bench = Workers(Loop($$"""
            case "$line" in *'"bad"'*) {{say}};; *) printf '{"id":"%s","result":1}\n' "$id";; esac
            """));
        Assert.Equal("1", await bench.RunAsync());
        var error = await bench.FailAsync("\"bad\"");
        Assert.Equal(("bad-protocol", true), (error.Type, error.Retryable));
        Assert.Equal("1", await bench.RunAsync());
        var pids = await bench.PidsAsync("pids", 2);
        Assert.False(CommandBench.Lives(pids[0]));
    }

    [Theory]
    [InlineData("""{"id":"%s","error":{"type":"Lost","message":"no \udce4.txt"}}""", "Lost", "no \ufffd.txt")]
    [InlineData("""{"id":"%s","error":{"\ud800":1,"message":"whole \ud83d\ude00"}}""", "worker-error", "whole \U0001f600")]
    [InlineData("""{"id":"\ud800","result":1}""", "bad-protocol", null)]
    public async Task F_67_half_of_a_surrogate_pair_ends_no_reading(string line, string type, string? message)
    {
        await using var bench = Workers(Loop($"printf '{line.Replace("\\", "\\\\", StringComparison.Ordinal)}\\n' \"$id\""));
        var error = await bench.FailAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(type, error.Type);
        if (message is not null) Assert.Equal(message, error.Message);
    }

    [Fact]
    public async Task F_67_halves_of_surrogate_pairs_in_reports_are_shown_as_such_and_a_result_is_left_as_it_is()
    {
        await using var bench = Workers(Loop("""
            printf '{"id":"%s","log":"\\udcff"}\n{"id":"%s","progress":5,"message":"\\ud800x"}\n' "$id" "$id"
            printf '{"id":"%s","cache":{"tags":["\\udcff"]}}\n{"id":"%s","result":"\\udcff"}\n' "$id" "$id"
            """));
        var context = A.Context("run");
        Assert.Equal("\"\\udcff\"", await bench.RunAsync(context: context).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(("\ufffd", "\ufffdx"), (Assert.Single(context.Lines).Text, context.Latest?.Message));
        Assert.Equal(["\ufffd"], context.Cache.Choice!.Tags);
    }

    [FullFact]
    public async Task F_67_a_worker_that_closes_its_output_and_lives_fails_its_call()
    {
        await using var bench = Workers("echo $$ >> pids; read line; exec >&-; while :; do sleep 60; done");
        var error = await bench.FailAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("worker-ended", true), (error.Type, error.Retryable));
    }

    [Fact]
    public async Task F_67_an_answer_that_comes_twice_harms_no_other_call()
    {
        await using var bench = Workers(Loop("""printf '{"id":"%s","result":1}\n{"id":"%s","result":2}\n' "$id" "$id" """));
        for (var call = 0; call < 5; call++) Assert.Equal("1", await bench.RunAsync());
    }

    [Fact]
    public async Task A_worker_that_ends_before_it_answers_fails_the_call()
    {
        await using var bench = Workers("read line; exit 0");
        Assert.Equal(("worker-ended", true), await bench.FailAsync() is var error ? (error.Type, error.Retryable) : default);
    }

    [Fact]
    public async Task A_cancelled_call_is_told_to_its_worker_which_may_go_on()
    {
        await using var bench = Workers(Loop("""
            case "$line" in
              *cancel*) printf '{"id":"%s","error":{"type":"cancelled"}}\n' "$id";;
              *wait*) echo waits > waits;;
              *) printf '{"id":"%s","result":1}\n' "$id";;
            esac
            """), killAfter: "25s");
        using var cancel = new CancellationTokenSource();
        var call = bench.RunAsync("\"wait\"", ct: cancel.Token);
        await Eventually.Is(() => File.Exists(bench.Path("waits")), "the call waits");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("1", await bench.RunAsync());
        Assert.Single(await bench.PidsAsync("pids", 1));
    }

    [Fact]
    public async Task F_61_a_worker_that_does_not_answer_to_a_cancel_is_ended_and_replaced()
    {
        await using var bench = Workers(Loop("""
            case "$line" in *wait*) echo waits > waits; sleep 600;; esac
            printf '{"id":"%s","result":1}\n' "$id"
            """));
        using var cancel = new CancellationTokenSource();
        var call = bench.RunAsync("\"wait\"", ct: cancel.Token);
        await Eventually.Is(() => File.Exists(bench.Path("waits")), "the call waits");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(CommandBench.Lives((await bench.PidsAsync("pids", 1))[0]));
        Assert.Equal("1", await bench.RunAsync());
    }

    [Fact]
    public async Task A_command_that_cannot_stay_up_is_started_again_ever_more_slowly()
    {
        await using var bench = Workers("echo $$ >> pids; exit 3");
        var started = Stopwatch.GetTimestamp();
        for (var call = 0; call < 4; call++) Assert.Equal("exit-3", (await bench.FailAsync()).Type);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(600), "100, 200 and 400 ms lie between the four");
    }

    [PythonFact]
    public async Task The_sample_worker_answers_reports_and_fails()
    {
        await using var bench = Sample("words { command = [python3, worker.py], persistent = 1 }, noop { command = [python3, worker.py], persistent = 1 }", "worker.py");
        var context = A.Context("words");
        Assert.Equal("""{"words": 6, "different": 4}""", await bench.RunAsync("""{"text": "to be or not to be"}""", context, task: "words"));
        Assert.Equal((50, "counting"), (context.Latest?.Percent, context.Latest?.Message));
        var error = await bench.FailAsync("{}", task: "words");
        Assert.Equal(("KeyError", "'text'", true), (error.Type, error.Message, error.Retryable));
        for (var call = 0; call < 20; call++) Assert.Equal("null", await bench.RunAsync(task: "noop"));
    }

    [PythonFact]
    public async Task The_sample_of_a_process_a_call_reports_and_goes_on_where_it_stopped()
    {
        await using var bench = Sample("run { command = [python3, report.py] }", "report.py");
        var context = new AttemptContext(null, 2, Namespace.Default, "run", TimeProvider.System, inherited: new Inheritance("2"u8.ToArray(), []));
        Assert.Equal("""{"rows": 5, "total": 10}""", await bench.RunAsync("""{"rows": 5}""", context));
        Assert.Equal("attempt 2 read 3 rows", Assert.Single(context.Lines).Text);
        Assert.Equal(("5", 80), (Encoding.UTF8.GetString(context.Saved!.Value.Span), context.Latest?.Percent));
    }

    private static CommandBench Sample(string tasks, string file) => CommandBench.Of(tasks, (file, SourceTree.Read($"docs/examples/worker/{file}")));

    private static string? Text(JsonDocument line, string name) => line.RootElement.GetProperty(name).GetString();

    private static string Raw(JsonDocument line, string name) => line.RootElement.GetProperty(name).GetRawText();
}

/// <summary>A fact that runs the system's Python.</summary>
[AttributeUsage(AttributeTargets.Method)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1019:Define accessors for attribute arguments", Justification = "The base attribute has them.")]
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute([System.Runtime.CompilerServices.CallerFilePath] string? sourceFilePath = null, [System.Runtime.CompilerServices.CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = Programs.Find("python3") is null ? "no python3 on PATH: apt-get install -y python3" : null;
}
