using System.Text.Json;
using ActorPerf.Node;
using ActorPerf.TestKit;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class JobCommandTests
{
    private const string Id = "0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11";

    private static string Job(string state, string more = "") => $$"""{"id":"{{Id}}","task":"square","state":"{{state}}","attempt":1,"maxAttempts":5,"queue":"default"{{more}}}""";

    [Fact]
    public async Task Compute_sends_the_arguments_byte_for_byte_and_prints_the_bare_result()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"result":12345678901234567890123,"cached":false,"duration":5.0}""");
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "--timeout", "90s", "compute", "square", """{ "n": 9007199254740993 }""", "--no-cache", "--max-age", "10s"));
        Assert.Equal("12345678901234567890123\n", run.Out.ToString());
        Assert.Equal("/api/v1/compute/square", node.Request.Path);
        Assert.Equal("""{ "n": 9007199254740993 }""", node.Request.Body);
        Assert.Equal("application/json", node.Request.Headers["Content-Type"]);
        Assert.Equal("wait=60", node.Request.Headers["Prefer"]);
        Assert.Equal("no-cache, max-age=10", node.Request.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Arguments_come_from_a_file_or_standard_input_too()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"result":null}""");
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("args.json"), "{\"n\":\t1}\r\n");
        await new CliRun { Folder = folder.Root }.InvokeAsync("--node", node.Url, "compute", "square", "@args.json");
        await new CliRun { In = "{\"n\":2}" }.InvokeAsync("--node", node.Url, "compute", "square", "-");
        await new CliRun().InvokeAsync("--node", node.Url, "compute", "square");
        Assert.Equal(["{\"n\":\t1}\r\n", "{\"n\":2}", "{}"], node.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task Submit_sends_every_member_that_was_given_and_prints_the_id_alone()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("queued"), 202);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync(
            "--node", node.Url, "submit", "square", "{\"n\":12}", "--queue", "slow", "--priority", "9", "--delay", "5s", "--timeout", "10m", "--max-attempts", "3",
            "--tag", "a", "--tag", "b", "--id", Id, "--run-at", "2027-01-31T08:00:00Z", "--unique-key", "k", "--idempotency-key", "i"));
        Assert.Equal(Id + "\n", run.Out.ToString());
        Assert.Equal("", run.Error.ToString());
        Assert.Equal(
            $$"""{"id":"{{Id}}","task":"square","args":{"n":12},"priority":9,"maxAttempts":3,"queue":"slow","runAt":"2027-01-31T08:00:00Z","delay":"5s","timeout":"10m","uniqueKey":"k","tags":["a","b"]}""",
            node.Request.Body);
        Assert.Equal("i", node.Request.Headers["Idempotency-Key"]);
    }

    [Fact]
    public async Task Submit_sends_keys_parents_and_callback_too()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("queued"), 202);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync(
            "--node", node.Url, "submit", "square", "--unique-key", "k", "--unique-policy", "replace", "--unique-until", "started", "--limit-key", "eu",
            "--callback", "https://example.com/", "--depends-on", Id, "--depends-on", Id + ":finished", "--meta", "{\"a\": 1}", "--backoff-initial", "2s", "--backoff-factor", "3"));
        Assert.Equal(
            """{"task":"square","args":{},"uniqueKey":"k","uniquePolicy":"replace","uniqueUntil":"started","callback":"https://example.com/","limitKey":"eu","dependsOn":["ID",{"job":"ID","on":"finished"}],"meta":{"a": 1},"backoff":{"initial":"2s","factor":3}}"""
                .Replace("ID", Id, StringComparison.Ordinal),
            node.Request.Body);
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", node.Url, "submit", "square", "--meta", "[1]"));
    }

    [Fact]
    public async Task Run_now_and_edit_print_where_the_job_is_now()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("queued"), 202);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "job", "run-now", Id));
        Assert.Equal(Id + " queued\n", run.Out.ToString());
        Assert.Equal(("POST", $"/api/v1/jobs/{Id}/run-now"), (node.Requests.Last().Method, node.Requests.Last().Path));
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "job", "edit", Id, "--priority", "9", "--queue", "slow", "--run-at", "2027-01-31T08:00:00Z", "--tag", "a"));
        Assert.Equal("PATCH", node.Requests.Last().Method);
        Assert.Equal("""{"priority":9,"queue":"slow","runAt":"2027-01-31T08:00:00Z","tags":["a"]}""", node.Requests.Last().Body);
        await new CliRun().InvokeAsync("--node", node.Url, "job", "edit", Id, "--no-tags");
        Assert.Equal("""{"tags":[]}""", node.Requests.Last().Body);
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", node.Url, "job", "edit", Id));
        Assert.Equal(3, node.Requests.Count);
    }

    [Fact]
    public async Task Rerun_sends_other_arguments_to_the_byte_and_prints_the_new_id()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("queued"), 202);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "job", "rerun", Id, "--args", "{ \"n\": 9007199254740993 }", "--idempotency-key", "i"));
        Assert.Equal(Id + "\n", run.Out.ToString());
        Assert.Equal($"/api/v1/jobs/{Id}/rerun", node.Requests.Last().Path);
        Assert.Equal("""{"args":{ "n": 9007199254740993 }}""", node.Requests.Last().Body);
        Assert.Equal("i", node.Requests.Last().Headers["Idempotency-Key"]);
        await new CliRun().InvokeAsync("--node", node.Url, "job", "rerun", Id);
        Assert.Equal("{}", node.Requests.Last().Body);
    }

    [Fact]
    public async Task Deleting_a_job_asks_first()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("failed"), 202);
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", node.Url, "job", "delete", Id));
        Assert.Empty(node.Requests);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "job", "delete", Id, "--yes"));
        Assert.Equal(("DELETE", $"/api/v1/jobs/{Id}"), (node.Requests.Last().Method, node.Requests.Last().Path));
    }

    [Fact]
    public async Task Submit_and_wait_prints_the_result_when_it_is_there()
    {
        await using var node = await PollingAsync(Job("queued"), Job("running"), Job("succeeded", ",\"result\":144"));
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "submit", "square", "{\"n\":12}", "--wait"));
        Assert.Equal("144\n", run.Out.ToString());
        Assert.Equal("", run.Error.ToString());
        Assert.Equal("\"2\"", node.Requests.Last().Headers["If-None-Match"]);
        Assert.Equal("wait=30", node.Requests.Last().Headers["Prefer"]);
    }

    [Fact]
    public async Task Waiting_for_any_of_several_asks_again_until_one_has_ended_and_prints_it()
    {
        var answers = new Queue<string>([$$"""{"done":[],"pending":["{{Id}}"]}""", $$"""{"done":[{{Job("succeeded", ",\"result\":144")}}],"pending":[]}"""]);
        await using var node = await ScriptedNode.StartAsync(context => context.JsonAsync(answers.Dequeue()));
        var (run, other) = (new CliRun(), Id[..^1] + (Id[^1] == '0' ? '1' : '0'));
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "-o", "ndjson", "job", "wait", Id, other, "--any"));
        Assert.Contains("\"result\":144", Assert.Single(run.Out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(("POST", "/api/v1/jobs/wait", $$"""{"ids":["{{Id}}","{{other}}"],"mode":"any","timeout":"30s"}"""), (node.Requests.Last().Method, node.Requests.Last().Path, node.Requests.Last().Body));
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task Waiting_for_a_job_that_fails_is_a_failure_and_says_why()
    {
        await using var node = await PollingAsync(Job("failed", ",\"error\":{\"type\":\"Boom\",\"message\":\"no\"}"));
        var run = new CliRun();
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "job", "wait", Id));
        Assert.Equal("", run.Out.ToString());
        Assert.StartsWith($"Job {Id} failed on attempt 1 of 5: Boom: no\n", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_after_the_timeout_with_its_own_exit_code()
    {
        var time = new ManualTime();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            context.Response.Headers.ETag = "\"1\"";
            if (context.Request.Headers.IfNoneMatch.Count == 0)
            {
                await context.JsonAsync(Job("running"));
                return;
            }
            time.Advance(TimeSpan.FromSeconds(10));
            context.Response.StatusCode = 304;
        });
        var run = new CliRun { Time = time };
        Assert.Equal(ExitCodes.TimedOut, await run.InvokeAsync("--node", node.Url, "job", "wait", Id, "--timeout", "20s"));
        Assert.Equal(3, node.Requests.Count);
    }

    [Fact]
    public async Task On_a_terminal_waiting_shows_progress_on_standard_error_and_only_the_result_on_standard_output()
    {
        var progressed = new TaskCompletionSource();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal))
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("event: progress\ndata: {\"id\":\"x\",\"percent\":40,\"message\":\"red \\u001b[31m\"}\n\n");
                await context.Response.Body.FlushAsync();
                progressed.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                return;
            }
            await progressed.Task;
            context.Response.Headers.ETag = "\"1\"";
            await context.JsonAsync(Job("succeeded", ",\"result\":144"));
        });
        var run = new CliRun { Terminal = true };
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "job", "wait", Id));
        Assert.Equal("144\n", run.Out.ToString());
        Assert.Contains("\u001b[", run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("red \u001b[31m", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_several_needs_a_yes_where_nobody_can_be_asked()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Job("cancelled"), 202);
        var other = Guid.CreateVersion7().ToString();
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", node.Url, "job", "cancel", Id, other));
        Assert.Empty(node.Requests);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "job", "cancel", Id, other, "--yes"));
        Assert.Equal([$"/api/v1/jobs/{Id}/cancel", $"/api/v1/jobs/{other}/cancel"], node.Requests.Select(request => request.Path));
        var refused = new CliRun { Terminal = true, In = "n\n" };
        Assert.Equal(ExitCodes.Usage, await refused.InvokeAsync("--node", node.Url, "job", "cancel", Id, other));
        Assert.Contains("Cancel 2 jobs? [y/N]", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task Tail_prints_events_until_the_job_is_done_and_resumes_where_the_stream_broke()
    {
        var connections = 0;
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(++connections == 1
                ? $"id: 7\nevent: state\ndata: {Job("running")}\n\n: comment\n\nevent: log\ndata: {{\"id\":\"{Id}\",\"at\":\"10:00\",\"level\":\"information\",\"text\":\"hi\"}}\n\n"
                : $"id: 9\nevent: done\ndata: {Job("succeeded")}\n\n");
        });
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "job", "tail", Id));
        Assert.Equal([$"{Id}  state  running  attempt 1", $"{Id}  log  10:00  information  hi", $"{Id}  done  succeeded  attempt 1"], run.Lines);
        Assert.Equal("7", node.Requests.Last().Headers["Last-Event-ID"]);
        connections = 1;
        var json = new CliRun();
        await json.InvokeAsync("--node", node.Url, "-o", "json", "job", "tail", Id);
        Assert.Equal("done", json.Json[0].GetProperty("event").GetString());
    }

    [Fact]
    public async Task Invalidate_sends_what_was_named()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"invalidated":3}""");
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cache", "invalidate", "square", "{\"n\":12}"));
        Assert.Equal("3 forgotten\n", run.Out.ToString());
        Assert.Equal("""{"task":"square","args":{"n":12}}""", node.Request.Body);
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "cache", "invalidate", "--all", "--yes"));
        Assert.Equal("""{"all":true}""", node.Requests.Last().Body);
    }

    [Fact]
    public async Task Verify_names_what_is_broken_and_exits_with_one()
    {
        await using var node = await ScriptedNode.AnsweringAsync(
            $$"""{"ok":false,"checked":10,"violations":[{"invariant":"final-has-finish","ids":["{{Id}}"],"detail":"no finish time"}]}""");
        var run = new CliRun();
        Assert.Equal(ExitCodes.Refused, await run.InvokeAsync("--node", node.Url, "verify"));
        Assert.Contains(Id, run.Out.ToString(), StringComparison.Ordinal);
        await using var clean = await ScriptedNode.AnsweringAsync("""{"ok":true,"checked":10,"violations":[]}""");
        var fine = new CliRun();
        Assert.Equal(ExitCodes.Done, await fine.InvokeAsync("--node", clean.Url, "verify"));
        Assert.Equal("ok: 10 rows checked, every invariant holds\n", fine.Out.ToString());
    }

    [Fact]
    public async Task Backup_means_the_callers_folder_on_the_callers_machine()
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"file":"x","bytes":4096,"duration":0.2}""");
        using var folder = new TestFolder();
        Assert.Equal(ExitCodes.Done, await new CliRun { Folder = folder.Root }.InvokeAsync("--node", node.Url, "backup", "copy.db"));
        using var body = JsonDocument.Parse(node.Request.Body);
        Assert.Equal(folder.Path("copy.db"), body.RootElement.GetProperty("file").GetString());
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", "http://node.example:8080", "backup", "copy.db"));
    }

    [Fact]
    public async Task Health_needs_no_json_and_no_key()
    {
        await using var up = await ScriptedNode.StartAsync(context => context.Response.WriteAsync("Healthy"));
        await using var down = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"status":"down"}""");
        });
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", up.Url, "health"));
        Assert.Equal("/health/live", up.Request.Path);
        Assert.Equal(ExitCodes.Refused, await new CliRun().InvokeAsync("--node", down.Url, "health", "--ready"));
        Assert.Equal("/health/ready", down.Request.Path);
    }

    /// <summary>Answers a submission with the first job, then each poll with the next, with an ETag of its own.</summary>
    private static async Task<ScriptedNode> PollingAsync(params string[] jobs)
    {
        var at = 0;
        return await ScriptedNode.StartAsync(context =>
        {
            var now = Math.Min(at++, jobs.Length - 1);
            context.Response.Headers.ETag = $"\"{now + 1}\"";
            return context.JsonAsync(jobs[now]);
        });
    }
}
