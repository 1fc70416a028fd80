using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>INV-50: nothing of one namespace is seen, counted or changed from another. Over the whole node with its database, for every route of the jobs.</summary>
/// <remarks>The routes come from the table that the node serves: one that is added to the families below and has no case here fails the test.</remarks>
public sealed class IsolationTests : IAsyncLifetime
{
    private const string Base = "/api/v1";
    private const string Graph = """{"jobs": {"a": {"task": "sleep", "args": {"duration": "1ms"}, "delay": "1h"}}}""";
    private const string Theirs = "theirs";
    private const string Ours = "ours";

    /// <summary>First segments of the paths whose things belong to a namespace.</summary>
    private static readonly string[] Families = ["jobs", "events", "operations", "workflows", "schedules", "webhooks", "views"];

    /// <summary>A body that the route would take, where <c>{}</c> would not do.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        [$"PATCH {Base}/jobs/{{id}}"] = """{"priority": 9}""",
        [$"PUT {Base}/webhooks/{{name}}"] = """{"url": "https://ours.example/hook", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "paused": true}""",
        [$"PUT {Base}/schedules/{{name}}"] = """{"cron": "0 0 1 1 *", "task": "sleep", "args": {"duration": "2ms"}, "paused": true}""",
    };

    private NodeHost? _host;

    private NodeHost Host => _host ?? throw new InvalidOperationException("Not started.");

    private HttpClient Client => Host.Client;

    [Fact]
    public async Task INV_50_an_id_of_another_namespace_is_answered_as_one_that_never_was()
    {
        var met = 0;
        foreach (var (method, pattern) in Routes().Where(static route => route.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            foreach (var create in Creators(pattern))
            {
                var id = await create();
                var before = await VersionAsync(pattern, id);
                var (theirs, never) = (await AskAsync(method, pattern, id), await AskAsync(method, pattern, Guid.CreateVersion7().ToString()));
                // What is put where there is none is made, here as there.
                if (method == "PUT") Assert.Equal((never.Status, true), (theirs.Status, theirs.Status is 200 or 201));
                else
                {
                    Assert.True(theirs.Status == 404, $"{method} {pattern} with an id of another namespace: {theirs}");
                    Assert.Equal(never, theirs);
                }
                Assert.Equal(before, await VersionAsync(pattern, id));
                met++;
            }
        }
        Assert.True(met >= 16, $"{met} cases; are the routes found?");
    }

    [Fact]
    public async Task INV_50_what_lists_counts_or_takes_ids_knows_its_own_namespace_only()
    {
        var cases = Collections();
        await SubmitAsync(final: false);
        // What only reads comes first, for what makes something is seen by it.
        foreach (var (method, pattern) in Routes().OrderBy(static route => route.Method, StringComparer.Ordinal).Where(static route => !route.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            Assert.True(cases.Remove($"{method} {pattern}", out var check), $"{method} {pattern} has no case: add one that shows whose jobs it sees.");
            await check();
        }
        Assert.Empty(cases);
    }

    /// <summary>How something of that kind is made in the other namespace; a job once waiting and once final.</summary>
    private IReadOnlyList<Func<Task<string>>> Creators(string pattern) => pattern[(Base.Length + 1)..].Split('/')[0] switch
    {
        "jobs" => [() => SubmitAsync(final: false), () => SubmitAsync(final: true)],
        "schedules" => [ScheduleAsync],
        "workflows" => [WorkflowAsync],
        "operations" => [OperationAsync],
        "views" => [ViewAsync],
        "webhooks" => [WebhookAsync],
        var family => throw new InvalidOperationException($"{pattern} has no case: add how to make one of '{family}' in another namespace."),
    };

    private Dictionary<string, Func<Task>> Collections() => new()
    {
        [$"GET {Base}/jobs"] = async () => Assert.Empty((await JsonAsync("GET", "jobs?count=true")).GetProperty("items").EnumerateArray()),
        [$"GET {Base}/jobs/counts"] = async () => Assert.Empty((await JsonAsync("GET", "jobs/counts?by=state")).GetProperty("items").EnumerateArray()),
        [$"POST {Base}/jobs/wait"] = async () =>
        {
            var id = await SubmitAsync(final: true);
            var waited = await JsonAsync("POST", "jobs/wait", $$"""{"ids": ["{{id}}"], "timeout": "0s"}""");
            Assert.Equal((0, 1), (waited.GetProperty("done").GetArrayLength(), waited.GetProperty("unknown").GetArrayLength()));
        },
        [$"POST {Base}/jobs"] = async () =>
        {
            var id = await SubmitAsync(final: false);
            // The same id is another job here: neither a repeat nor a conflict.
            var job = await JsonAsync("POST", "jobs", $$"""{"id": "{{id}}", "task": "sleep", "args": {"duration": "1ms"}, "uniqueKey": "k-{{id}}"}""");
            Assert.False(job.TryGetProperty("deduplicated", out _));
            Assert.Equal(Ours, job.GetProperty("namespace").GetString());
        },
        [$"POST {Base}/jobs/batch"] = async () =>
        {
            var other = await SubmitAsync(final: false);
            var lines = await JsonAsync("POST", "jobs/batch", $$"""[{"id": "{{other}}", "task": "sleep", "args": {"duration": "1ms"}, "uniqueKey": "k-{{other}}"}]""");
            Assert.Contains("\"deduplicated\":0", lines.GetRawText().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        },
        [$"GET {Base}/workflows"] = async () =>
        {
            await WorkflowAsync();
            Assert.Empty((await JsonAsync("GET", "workflows")).GetProperty("items").EnumerateArray());
        },
        [$"POST {Base}/workflows"] = async () =>
            Assert.NotEqual(await WorkflowAsync(), (await JsonAsync("POST", "workflows", Graph)).GetProperty("id").GetString()),
        [$"GET {Base}/schedules"] = async () =>
        {
            await ScheduleAsync();
            Assert.Empty((await JsonAsync("GET", "schedules")).GetProperty("items").EnumerateArray());
        },
        [$"GET {Base}/jobs/completions"] = async () =>
            Assert.Empty((await JsonAsync("GET", "jobs/completions?q=tag:their")).GetProperty("items").EnumerateArray()),
        [$"GET {Base}/operations"] = async () =>
        {
            await OperationAsync();
            Assert.Empty((await JsonAsync("GET", "operations")).GetProperty("items").EnumerateArray());
        },
        [$"POST {Base}/operations"] = async () =>
        {
            await SubmitAsync(final: false);
            Assert.Equal(0, (await JsonAsync("POST", "operations", """{"action": "cancel", "q": "tag:theirs or task:sleep created<1m queue:theirs", "dryRun": true}""")).GetProperty("matched").GetInt64());
        },
        [$"GET {Base}/webhooks"] = async () =>
        {
            await WebhookAsync();
            Assert.Empty((await JsonAsync("GET", "webhooks")).GetProperty("items").EnumerateArray());
        },
        [$"GET {Base}/views"] = async () =>
        {
            await ViewAsync();
            Assert.Empty((await JsonAsync("GET", "views")).GetProperty("items").EnumerateArray());
        },
        [$"POST {Base}/schedules/preview"] = async () =>
            Assert.True((await JsonAsync("POST", "schedules/preview", """{"cron": "0 0 1 1 *", "timeZone": "UTC", "count": 2}""")).ValueKind == JsonValueKind.Object),
        [$"GET {Base}/events"] = async () =>
        {
            // From the beginning of the feed: what is kept of it is told, and none of it is theirs.
            using var request = Request("GET", "events");
            request.Headers.Add("Last-Event-ID", "0");
            using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var mine = await JsonAsync("POST", "jobs", """{"task": "sleep", "args": {"duration": "1ms"}}""");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (var seen = false; !seen && await reader.ReadLineAsync() is { } line; seen = line.Contains(mine.GetProperty("id").GetString()!, StringComparison.Ordinal))
                Assert.DoesNotContain($"\"namespace\":\"{Theirs}\"", line, StringComparison.Ordinal);
        },
    };

    private IEnumerable<(string Method, string Pattern)> Routes() =>
        from endpoint in RouteCheck.Own(Host.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        let pattern = endpoint.RoutePattern.RawText ?? ""
        where Families.Any(family => pattern == $"{Base}/{family}" || pattern.StartsWith($"{Base}/{family}/", StringComparison.Ordinal))
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Take(1) ?? []     // HEAD, the second of GET, is the same handler
        select (method, pattern);

    private async Task<Reply> AskAsync(string method, string pattern, string id)
    {
        using var request = Request(method, Filled(pattern, id), Bodies.GetValueOrDefault($"{method} {pattern}", "{}"));
        using var response = await Client.SendAsync(request);
        var body = (await response.Content.ReadAsStringAsync()).Replace(id, "ID", StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        var members = json.RootElement.EnumerateObject().Where(static member => member.Name != "requestId").Select(static member => $"{member}");
        var headers = response.Headers.Concat(response.Content.Headers).Select(static header => header.Key)
            .Where(static name => name != "traceparent").Order(StringComparer.Ordinal);
        return new Reply((int)response.StatusCode, string.Join('\n', members), string.Join(' ', headers));
    }

    /// <summary>The path below the base with <paramref name="id"/> as its first parameter; what stands below that is none.</summary>
    private static string Filled(string pattern, string id)
    {
        var first = true;
        return Regex.Replace(pattern[(Base.Length + 1)..], @"\{[^}]+\}", _ =>
        {
            (var value, first) = (first ? id : "00000000-0000-7000-8000-000000000000", false);
            return value;
        });
    }

    private async Task<string> WorkflowAsync()
    {
        using var submit = Request("POST", "workflows", Graph, Theirs);
        using var accepted = await Client.SendAsync(submit);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return (await accepted.BodyAsync()).GetProperty("id").GetString()!;
    }

    private async Task<string> OperationAsync()
    {
        using var start = Request("POST", "operations", """{"action": "cancel", "q": "tag:nobody"}""", Theirs);
        using var accepted = await Client.SendAsync(start);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await accepted.BodyAsync()).GetProperty("id").GetString()!;
        using var wait = Request("GET", $"jobs/{id}", ns: Theirs);
        wait.Headers.Add("Prefer", "wait=60");
        using var ended = await Client.SendAsync(wait);
        return id;
    }

    private async Task<string> ViewAsync()
    {
        var name = $"v-{Guid.CreateVersion7()}";
        using var put = Request("PUT", $"views/{name}", """{"q": "state:failed"}""", Theirs);
        using var made = await Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return name;
    }

    private async Task<string> WebhookAsync()
    {
        var name = $"w-{Guid.CreateVersion7()}";
        using var put = Request("PUT", $"webhooks/{name}", """{"url": "https://theirs.example/hook", "paused": true}""", Theirs);
        using var made = await Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return name;
    }

    private async Task<string> ScheduleAsync()
    {
        var name = $"s-{Guid.CreateVersion7()}";
        using var put = Request("PUT", $"schedules/{name}", """{"cron": "0 0 29 2 *", "task": "sleep", "args": {"duration": "1ms"}, "paused": true}""", Theirs);
        using var made = await Client.SendAsync(put);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return name;
    }

    private async Task<JsonElement> JsonAsync(string method, string path, string? body = null)
    {
        using var request = Request(method, path, body);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        using var json = JsonDocument.Parse(text.Contains("}\n{", StringComparison.Ordinal) ? $"[{text.Trim().Replace("}\n{", "},{", StringComparison.Ordinal)}]" : text);
        return json.RootElement.Clone();
    }

    private static HttpRequestMessage Request(string method, string path, string? body = null, string ns = Ours)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is not ("GET" or "DELETE")) request.Content = Http.Json(body ?? "{}");
        request.Headers.Add("ActorPerf-Namespace", ns);
        return request;
    }

    private async Task<string> SubmitAsync(bool final)
    {
        var id = Guid.CreateVersion7().ToString();
        using (var submit = Request("POST", "jobs", $$"""{"id": "{{id}}", "task": "sleep", "args": {"duration": "1ms"}, "delay": "1h", "uniqueKey": "k-{{id}}"}""", Theirs))
        using (var accepted = await Client.SendAsync(submit))
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        if (!final) return id;
        using var cancel = Request("POST", $"jobs/{id}/cancel", "{}", Theirs);
        using var cancelled = await Client.SendAsync(cancel);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        return id;
    }

    /// <summary>The thing as its owner sees it.</summary>
    private async Task<string> VersionAsync(string pattern, string id)
    {
        var path = pattern[(Base.Length + 1)..];
        using var request = Request("GET", $"{path[..path.IndexOf('{', StringComparison.Ordinal)]}{id}", ns: Theirs);
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask InitializeAsync() => _host = await NodeHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    private sealed record Reply(int Status, string Body, string Headers);
}
