using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Searches, operations, views and the audit over a whole node.</summary>
public sealed class OperationTests : IAsyncLifetime
{
    private NodeHost? _host;

    private HttpClient Client => (_host ?? throw new InvalidOperationException("Not started.")).Client;

    public async ValueTask InitializeAsync() => _host = await NodeHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is null) return;
        // What still runs would hold up the node's end.
        await PostAsync("operations", """{"action": "cancel", "q": "state:running or state:queued"}""", HttpStatusCode.Accepted);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_search_lists_what_matches_and_says_where_it_cannot_be_read()
    {
        await SubmitAsync("a", 3);
        await SubmitAsync("b", 2);
        Assert.Equal(3, (await GetAsync("jobs?q=tag:a%20args.duration:1h")).GetProperty("items").GetArrayLength());
        Assert.Equal(2, (await GetAsync("jobs?q=-tag:a&count=true")).GetProperty("total").GetInt64());
        Assert.Equal(5, (await GetAsync("jobs?q=state:scheduled&sort=priority&limit=2")).GetProperty("items").GetArrayLength() + await RestAsync("jobs?q=state:scheduled&sort=priority&limit=2"));
        using var unreadable = await Client.GetAsync("jobs?q=stat:failed");
        Assert.Contains("At character 1", (await unreadable.ProblemAsync(400, "invalid-search")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var events = await Client.GetAsync("events?q=(");
        await events.ProblemAsync(400, "invalid-search");
        using var unsorted = await Client.GetAsync("jobs?sort=colour");
        await unsorted.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Completions_offer_fields_and_values()
    {
        await SubmitAsync("nightly", 1);
        Assert.Equal(["state", "started"], Texts(await GetAsync("jobs/completions?q=sta")));
        Assert.Equal(["failed"], Texts(await GetAsync("jobs/completions?q=tag:x%20state:fa")));
        Assert.Equal(["nightly"], Texts(await GetAsync("jobs/completions?q=-tag:ni")));
        Assert.Equal(["sleep"], Texts(await GetAsync("jobs/completions?q=task:sl%20tag:a&at=7")));
        var first = (await GetAsync("jobs/completions?q=task:sl%20tag:a&at=7")).GetProperty("items")[0];
        Assert.Equal((5, 7, "value"), (first.GetProperty("from").GetInt32(), first.GetProperty("to").GetInt32(), first.GetProperty("kind").GetString()));

        static IEnumerable<string?> Texts(JsonElement answer) => answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("text").GetString());
    }

    [Fact]
    public async Task An_operation_does_its_action_to_every_match_and_leaves_the_rest()
    {
        await SubmitAsync("a", 7);
        await SubmitAsync("b", 2);
        var counted = await PostAsync("operations", """{"action": "cancel", "q": "tag:a", "dryRun": true}""", HttpStatusCode.OK);
        Assert.Equal(7, counted.GetProperty("matched").GetInt64());
        var cancelled = await OperateAsync("cancel", "tag:a");
        Assert.Equal((7, 7, 0, 0), Counts(cancelled));
        Assert.Equal(100, cancelled.GetProperty("percent").GetDouble());
        Assert.Equal(7, (await GetAsync("jobs?q=state:cancelled")).GetProperty("items").GetArrayLength());
        Assert.Equal(2, (await GetAsync("jobs?q=state:scheduled")).GetProperty("items").GetArrayLength());

        Assert.Equal((9, 7, 2, 0), Counts(await OperateAsync("rerun", "tag:a or tag:b")));
        var rerun = (await GetAsync("jobs?q=tag:a%20-state:cancelled")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(7, rerun.Count);
        Assert.Equal(7, rerun.Select(job => job.GetProperty("rerunOf").GetString()).Distinct().Count());

        Assert.Equal((7, 7, 0, 0), Counts(await OperateAsync("delete", "state:cancelled")));
        Assert.Empty((await GetAsync("jobs?q=state:cancelled")).GetProperty("items").EnumerateArray());
        Assert.Equal(["delete", "rerun", "cancel"], (await GetAsync("operations")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task After_a_crash_it_goes_on_where_it_was_and_does_nothing_twice()
    {
        var ids = await SubmitAsync("a", 6);
        await OperateAsync("cancel", "tag:a");
        var own = await PostAsync("jobs", """{"task": "sleep", "args": {"duration": "1ms"}, "delay": "1h"}""", HttpStatusCode.Accepted);
        var services = _host!.Services;
        var jobs = services.GetRequiredService<IJobs>();
        var task = new OperationTask(jobs, services.GetRequiredService<IJobSearch>());
        var third = (await jobs.GetAsync(Namespace.Default, Id(ids[2]), CancellationToken.None))!.Row.Seq;
        var args = new OperationArgs("rerun", "tag:a state:cancelled");
        var context = new SavedContext(Id(own.GetProperty("id").GetString()!).Value, $$$"""{"before":{{{third}}},"counts":{"matched":6,"done":4,"skipped":0,"failed":0}}""");

        Assert.Equal(new OperationCounts(6, 6, 0, 0), await task.RunAsync(args, context, CancellationToken.None));
        Assert.Equal(new OperationCounts(6, 6, 0, 0), await task.RunAsync(args, context, CancellationToken.None));

        // What the lost run had cancelled or deleted on its page counts as done, whether it still matches or not.
        await SubmitAsync("late", 3);
        const string begun = """{"before":null,"counts":{"matched":3,"done":0,"skipped":0,"failed":0}}""";
        var early = await PostAsync("jobs", """{"task": "sleep", "args": {"duration": "1ms"}, "delay": "1h"}""", HttpStatusCode.Accepted);
        await OperateAsync("cancel", "tag:late priority:0");
        foreach (var q in new[] { "tag:late", "tag:late state:scheduled" })
            Assert.Equal(new OperationCounts(3, 3, 0, 0), await task.RunAsync(new OperationArgs("cancel", q), new SavedContext(Id(early.GetProperty("id").GetString()!).Value, begun), CancellationToken.None));

        var reruns = (await GetAsync("jobs?q=tag:a%20-state:cancelled")).GetProperty("items").EnumerateArray().Select(job => job.GetProperty("rerunOf").GetString());
        Assert.Equal([ids[0], ids[1]], reruns.Order());

        static JobId Id(string text) => JobId.TryParse(text, out var id) ? id : throw new InvalidOperationException(text);
    }

    [Fact]
    public async Task An_operation_that_has_ended_cannot_be_asked_to_stop()
    {
        var ended = await OperateAsync("cancel", "tag:none");
        using var late = await Client.PostAsync($"operations/{ended.GetProperty("id").GetString()}/cancel", Http.Json("{}"));
        await late.ProblemAsync(409, "state-conflict");
        using var more = await Client.PostAsync($"operations/{ended.GetProperty("id").GetString()}/cancel", Http.Json("{\"force\": true}"));
        await more.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("""{"action": "cancel", "q": ""}""", "invalid-search")]
    [InlineData("""{"action": "cancel"}""", "invalid-search")]
    [InlineData("""{"action": "cancel", "q": "state:"}""", "invalid-search")]
    [InlineData("""{"action": "explode", "q": "tag:a"}""", "invalid-request")]
    [InlineData("""{"action": "cancel", "q": "tag:a", "dryRun": 1}""", "invalid-request")]
    [InlineData("""{"action": "cancel", "q": "tag:a", "more": 1}""", "invalid-request")]
    public async Task A_request_that_says_not_what_or_to_whom_is_refused(string body, string code)
    {
        using var response = await Client.PostAsync("operations", Http.Json(body));
        await response.ProblemAsync(400, code);
    }

    [Fact]
    public async Task Nobody_outside_submits_or_computes_an_internal_task()
    {
        foreach (var (path, body) in new[]
        {
            ("jobs", """{"task": "operation", "args": {"action": "cancel", "q": "created>2000-01-01"}}"""),
            ("compute/operation", """{"action": "cancel", "q": "created>2000-01-01"}"""),
        })
        {
            using var response = await Client.PostAsync(path, Http.Json(body));
            Assert.DoesNotContain("did you mean", (await response.ProblemAsync(404, "unknown-task")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        using var one = await Client.GetAsync("tasks/operation");
        await one.ProblemAsync(404, "unknown-task");
        Assert.DoesNotContain("operation", (await GetAsync("tasks")).GetProperty("items").EnumerateArray().Select(task => task.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Views_are_kept_replaced_and_forgotten()
    {
        using var made = await Client.PutAsync("views/mine", Http.Json("""{"q": "state:failed", "sort": "-finishedAt", "columns": ["state", "task"]}"""));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var replaced = await Client.PutAsync("views/mine", Http.Json("""{"q": "state:expired"}"""));
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        var view = await GetAsync("views/mine");
        Assert.Equal(("mine", "state:expired", "-createdAt"), (view.GetProperty("name").GetString(), view.GetProperty("q").GetString(), view.GetProperty("sort").GetString()));
        Assert.Equal(1, (await GetAsync("views")).GetProperty("items").GetArrayLength());
        using var unreadable = await Client.PutAsync("views/mine", Http.Json("""{"q": "state:"}"""));
        await unreadable.ProblemAsync(400, "invalid-search");
        using var forgotten = await Client.DeleteAsync("views/mine");
        Assert.Equal(HttpStatusCode.NoContent, forgotten.StatusCode);
        using var again = await Client.DeleteAsync("views/mine");
        await again.ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Everything_an_operator_does_leaves_a_row()
    {
        var id = (await SubmitAsync("a", 1))[0];
        await PostAsync($"jobs/{id}/cancel", "{}", HttpStatusCode.Accepted);
        using var missing = await Client.PostAsync($"jobs/{Guid.CreateVersion7()}/cancel", Http.Json("{}"));
        await missing.ProblemAsync(404, "unknown-job");
        await PostAsync("operations", """{"action": "delete", "q": "tag:a", "dryRun": true}""", HttpStatusCode.OK);      // changes nothing: no row
        var operation = await OperateAsync("delete", "tag:a");
        using var view = await Client.PutAsync("views/v", Http.Json("""{"q": "tag:a"}"""));

        var rows = (await GetAsync("audit")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["putView", "startOperation", "cancelJob"], rows.Select(row => row.GetProperty("action").GetString()));
        Assert.All(rows, row => Assert.Equal("loopback", row.GetProperty("who").GetString()));
        Assert.Equal((id, "cancelled"), (rows[2].GetProperty("target").GetString(), rows[2].GetProperty("after").GetString()));
        Assert.Equal((operation.GetProperty("id").GetString(), "delete tag:a"), (rows[1].GetProperty("target").GetString(), rows[1].GetProperty("after").GetString()));
        var page = await GetAsync("audit?limit=1");
        Assert.Equal("startOperation", (await GetAsync($"audit?limit=1&cursor={page.GetProperty("next").GetString()}")).GetProperty("items")[0].GetProperty("action").GetString());
    }

    [Fact]
    public void A_call_of_operators_that_leaves_no_row_says_why()
    {
        var silent =
            from endpoint in RouteCheck.Own(_host!.Services.GetRequiredService<EndpointDataSource>().Endpoints)
            let doc = endpoint.Metadata.GetMetadata<ApiDoc>()
            let scope = endpoint.Metadata.GetMetadata<AccessRule>()?.Scope
            let method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0]
            where doc is not null && method != "GET" && scope is Scope.Operate or Scope.Admin && !Auditor.Audits(method!, scope.Value, doc!)
            select doc!.Id;
        Assert.Equal(["verify"], silent);
    }

    /// <summary>The context of a run whose predecessor saved a checkpoint.</summary>
    private sealed class SavedContext(Guid job, string checkpoint) : TaskContext
    {
        public override Guid? JobId => job;
        public override int Attempt => 2;
        public override Namespace Namespace => Namespace.Default;
        public override string Task => OperationTask.Name;
        public override string? TraceParent => null;
        public override ReadOnlyMemory<byte>? Checkpoint => Encoding.UTF8.GetBytes(checkpoint);
        public override IReadOnlyList<ChildOutcome> Children => [];

        public override void Progress(double percent, string? message = null, ReadOnlyMemory<byte> data = default)
        {
        }

        public override void SaveCheckpoint(ReadOnlyMemory<byte> json)
        {
        }

        public override void Log(string line, LogLevel level = LogLevel.Information)
        {
        }
    }

    private static (long, long, long, long) Counts(JsonElement operation) =>
        (operation.GetProperty("matched").GetInt64(), operation.GetProperty("done").GetInt64(), operation.GetProperty("skipped").GetInt64(), operation.GetProperty("failed").GetInt64());

    private async Task<JsonElement> OperateAsync(string action, string q)
    {
        var started = await PostAsync("operations", $$"""{"action": "{{action}}", "q": "{{q}}"}""", HttpStatusCode.Accepted);
        var id = started.GetProperty("id").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"jobs/{id}");
        request.Headers.Add("Prefer", "wait=60");
        using var ended = await Client.SendAsync(request);
        Assert.Equal("succeeded", (await ended.BodyAsync()).GetProperty("state").GetString());
        return await GetAsync($"operations/{id}");
    }

    /// <summary>Jobs that wait for an hour.</summary>
    private async Task<List<string>> SubmitAsync(string tag, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var job = await PostAsync("jobs", $$"""{"task": "sleep", "args": {"duration": "1h"}, "delay": "1h", "tags": ["{{tag}}"], "priority": {{i % 10}}}""", HttpStatusCode.Accepted);
            ids.Add(job.GetProperty("id").GetString()!);
        }
        return ids;
    }

    private async Task<int> RestAsync(string path)
    {
        var (rest, next) = (0, (await GetAsync(path)).GetProperty("next").GetString());
        while (next is not null)
        {
            var page = await GetAsync($"{path}&cursor={next}");
            rest += page.GetProperty("items").GetArrayLength();
            next = page.GetProperty("next").GetString();
        }
        return rest;
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.BodyAsync();
    }

    private async Task<JsonElement> PostAsync(string path, string body, HttpStatusCode status)
    {
        using var response = await Client.PostAsync(path, Http.Json(body));
        Assert.True(response.StatusCode == status, await response.Content.ReadAsStringAsync());
        return await response.BodyAsync();
    }
}
