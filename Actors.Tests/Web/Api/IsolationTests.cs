using System.Net;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Setup;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Api;

/// <summary>INV-50: nothing of one namespace is seen, counted or changed from another. Over the whole node with its database, for every route of the jobs.</summary>
/// <remarks>The routes come from the table that the node serves: one that is added to the families below and has no case here fails the test.</remarks>
public sealed class IsolationTests : IAsyncLifetime
{
    private const string Base = "/api/v1";
    private const string Theirs = "theirs";
    private const string Ours = "ours";

    /// <summary>First segments of the paths whose things belong to a namespace.</summary>
    private static readonly string[] Families = ["jobs", "events", "operations", "workflows", "schedules", "webhooks", "views"];

    /// <summary>A body that the route would take, where <c>{}</c> would not do.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        [$"PATCH {Base}/jobs/{{id}}"] = """{"priority": 9}""",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
    private WebApplication? _app;
    private HttpClient? _client;

    private HttpClient Client => _client ?? throw new InvalidOperationException("Not started.");

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
                Assert.True(theirs.Status == 404, $"{method} {pattern} with an id of another namespace: {theirs}");
                Assert.Equal(never, theirs);
                Assert.Equal(before, await VersionAsync(pattern, id));
                met++;
            }
        }
        Assert.True(met >= 16, $"{met} cases; are the routes found?");
    }

    [Fact]
    public async Task INV_50_what_lists_counts_or_takes_ids_knows_its_own_namespace_only()
    {
        var id = await SubmitAsync(final: false);
        var cases = Collections(id);
        foreach (var (method, pattern) in Routes().Where(static route => !route.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            Assert.True(cases.Remove($"{method} {pattern}", out var check), $"{method} {pattern} has no case: add one that shows whose jobs it sees.");
            await check();
        }
        Assert.Empty(cases);
    }

    /// <summary>How something of that kind is made in the other namespace; a job once waiting and once final.</summary>
    private IEnumerable<Func<Task<string>>> Creators(string pattern)
    {
        if (!pattern.StartsWith($"{Base}/jobs/{{id}}", StringComparison.Ordinal))
            throw new InvalidOperationException($"{pattern} has no case: add how to make one in another namespace.");
        yield return () => SubmitAsync(final: false);
        yield return () => SubmitAsync(final: true);
    }

    private Dictionary<string, Func<Task>> Collections(string id) => new()
    {
        [$"GET {Base}/jobs"] = async () => Assert.Empty((await JsonAsync("GET", "jobs?count=true")).GetProperty("items").EnumerateArray()),
        [$"GET {Base}/jobs/counts"] = async () => Assert.Empty((await JsonAsync("GET", "jobs/counts?by=state")).GetProperty("items").EnumerateArray()),
        [$"POST {Base}/jobs/wait"] = async () =>
        {
            var waited = await JsonAsync("POST", "jobs/wait", $$"""{"ids": ["{{id}}"], "timeout": "0s"}""");
            Assert.Equal((0, 1), (waited.GetProperty("done").GetArrayLength(), waited.GetProperty("pending").GetArrayLength()));
        },
        [$"POST {Base}/jobs"] = async () =>
        {
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
        from endpoint in RouteCheck.Own(_app!.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        let pattern = endpoint.RoutePattern.RawText ?? ""
        where Families.Any(family => pattern == $"{Base}/{family}" || pattern.StartsWith($"{Base}/{family}/", StringComparison.Ordinal))
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select (method, pattern);

    private async Task<Reply> AskAsync(string method, string pattern, string id)
    {
        using var request = Request(method, pattern[(Base.Length + 1)..].Replace("{id}", id, StringComparison.Ordinal), Bodies.GetValueOrDefault($"{method} {pattern}", "{}"));
        using var response = await Client.SendAsync(request);
        var body = (await response.Content.ReadAsStringAsync()).Replace(id, "ID", StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        var members = json.RootElement.EnumerateObject().Where(static member => member.Name != "requestId").Select(static member => $"{member}");
        var headers = response.Headers.Concat(response.Content.Headers).Select(static header => header.Key)
            .Where(static name => name != "traceparent").Order(StringComparer.Ordinal);
        return new Reply((int)response.StatusCode, string.Join('\n', members), string.Join(' ', headers));
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

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddActorPerf(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["actorperf:storage:provider"] = "sqlite",
            ["actorperf:storage:connection-string"] = $"Data Source={Path.Combine(_folder, "node.db")}",
        }).Build());
        builder.Services.AddActorPerfWeb(new HttpOptions());
        _app = builder.Build();
        _app.MapActorPerf();
        await _app.StartAsync();
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _client = new HttpClient { BaseAddress = new Uri(address, $"{Base}/") };
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
        {
            Assert.Empty((await _app.Services.GetRequiredService<IMaintenance>().VerifyAsync(CancellationToken.None)).Violations);
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private sealed record Reply(int Status, string Body, string Headers);
}
