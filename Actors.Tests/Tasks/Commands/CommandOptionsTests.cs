using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;

namespace ActorPerf.Tests.Tasks.Commands;

public sealed class CommandOptionsTests
{
    [Fact]
    public async Task A_command_is_a_task_with_everything_that_tasks_have()
    {
        await using var bench = CommandBench.Of("""
            report {
              command = [python3, report.py], memoize = 5m, timeout = 10m, queue = slow, max-attempts = 3, summary = "A report.", version = 2, when-lost = fail
              result-type = text/csv, secret-args = [/password], search-args = [customer.id]
              retry { backoff { initial = 2s, factor = 3, max = 1m }, non-retryable = [exit-3], by-error { exit-75 { initial = 5s } } }
            }
            """);
        var task = bench.Task("report");
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), "slow", 3, "A report.", 2, WhenLost.Fail, "text/csv"),
            (task.Memoize?.Duration, task.Timeout, task.Queue, task.MaxAttempts, task.Summary, task.Version, task.WhenLost, task.ResultType));
        Assert.Equal(["/password"], task.SecretArgs);
        Assert.Equal(["customer.id"], task.SearchArgs);
        Assert.Equal(new BackoffPolicy(TimeSpan.FromSeconds(2), 3, TimeSpan.FromMinutes(1)), task.Retry.Backoff);
        Assert.Equal(["exit-3"], task.Retry.NonRetryable!);
        Assert.Equal(BackoffPolicy.Default with { Initial = TimeSpan.FromSeconds(5) }, task.Retry.ByError!["exit-75"]);
        Assert.Empty(task.ArgsSchema.AsObject());
    }

    [Theory]
    [InlineData("run { command = [] }", "node.hocon:2:17: actorperf.tasks.run.command = '' must be a list of a program and its arguments")]
    [InlineData("run { command = \"python3 x.py\" }", "actorperf.tasks.run.command = 'python3 x.py' must be a list")]
    [InlineData("run { command = [a], directori = x }", "node.hocon:2:34: actorperf.tasks.run.directori is unknown; did you mean 'directory'?")]
    [InlineData("run { command = [a], persistent = many }", "actorperf.tasks.run.persistent = 'many' must be a whole number from 0 to 1000")]
    [InlineData("run { command = [a], kill-after = 1h }", "must be a duration from 0s to 25s")]
    [InlineData("run { command = [a], when-lost = never }", "actorperf.tasks.run.when-lost = 'never' must be retry")]
    [InlineData("run { command = [a], result-type = words }", "must be a media type")]
    [InlineData("run { command = [a], secret-args = [password] }", "JSON pointers below the arguments, such as /password")]
    [InlineData("run { command = [a], search-args = [a..b] }", "dotted paths")]
    [InlineData("run { command = [a], retry { backof { } } }", "did you mean 'backoff'?")]
    [InlineData("run { command = [a], retry { backoff { factor = 0.5 } } }", "actorperf.tasks.run.retry.backoff.factor = '0.5' must be a number from 1 to 100")]
    [InlineData("run { command = [a], retry { backoff { initial = 1m, max = 1s } } }", "must not be below initial")]
    [InlineData("run { command = [a], environment { ACTORPERF_TASK = x } }", "does not begin with ACTORPERF_")]
    [InlineData("run { command = [a], args-schema = \"{\" }", "is no JSON")]
    [InlineData("run { command = [a], args-schema { oneOf = [] } }", "has 'oneOf', which is not checked here")]
    [InlineData("run { command = [a], args-schema { type = text } }", "must be one or more of object, array")]
    [InlineData("run { command = [a], args-schema { properties { n { pattern = \"(\" } } } }", "/properties/n/pattern is no pattern")]
    [InlineData("run { persistent = 2 }", "belongs to a task that runs a command")]
    [InlineData("run { timeout = 2s }", "names no task of this node")]
    [InlineData("Run { command = [a] }", "1 to 64 of a-z")]
    public void A_faulty_setting_is_refused_with_its_place(string tasks, string words) =>
        Assert.Contains(words, Assert.Throws<TaskSetupException>(() => CommandBench.Of(tasks)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_value_of_a_variable_is_not_repeated() =>
        Assert.DoesNotContain("hush", Assert.Throws<TaskSetupException>(() => CommandBench.Of("run { command = [a], environment { ACTORPERF_KEY = hush } }")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_schema_may_be_an_object_of_the_file_or_a_text()
    {
        await using var bench = CommandBench.Of(""""
            run { command = [cat], args-schema { type = object, required = [n], properties { n { type = integer, minimum = 1 }, type { enum = [a, 2, true] } }, additionalProperties = false } }
            text { command = [cat], args-schema = """{"type": ["string", "null"]}""" }
            """");
        Assert.Equal(
            """{"additionalProperties":false,"properties":{"n":{"minimum":1,"type":"integer"},"type":{"enum":["a",2,true]}},"required":["n"],"type":"object"}""",
            bench.Task("run").ArgsSchema.ToJsonString());
        Assert.Equal("""{"n": 2, "type": 2}""", await bench.RunAsync("""{"n": 2, "type": 2}"""));
        Assert.Equal("null", await bench.RunAsync("null", task: "text"));
        Assert.Equal("invalid-args", (await bench.FailAsync("""{"n": 0}""")).Type);
    }
}
