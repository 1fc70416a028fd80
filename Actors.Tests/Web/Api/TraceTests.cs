using System.Net;
using System.Text.Json;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Tracing;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

public sealed class TraceTests
{
    [Fact]
    public async Task The_list_is_paged_by_an_opaque_cursor()
    {
        await using var host = await FilledAsync();
        var (seen, path) = (new List<string>(), "traces?limit=25");
        for (var pages = 1; ; pages++)
        {
            using var answer = await host.Client.GetAsync(path);
            using var page = await ReadAsync(answer);
            seen.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            Assert.Equal(page.RootElement.GetProperty("next").ValueKind == JsonValueKind.String, answer.Headers.Contains("Link"));
            if (page.RootElement.GetProperty("next").GetString() is not { } next) break;
            Assert.True(pages < 10);
            path = $"traces?limit=25&cursor={next}";
        }
        Assert.Equal(64, seen.Distinct().Count());
        Assert.Equal(64, seen.Count);
        Assert.Equal(SampleTraces.Slow, seen[0]);
    }

    [Fact]
    public async Task What_is_asked_for_reaches_the_front_door()
    {
        await using var host = await FilledAsync();
        using var page = await ReadAsync(await host.Client.GetAsync("traces?route=job%20report&minDuration=250ms&kind=attempt&sort=-duration&limit=7"));
        Assert.Equal(new TraceQuery("default", "job report", TimeSpan.FromMilliseconds(250), 7, TraceOrder.Slowest) { Kind = CallKind.Attempt }, host.Traces.Asked[^1]);
        var line = Assert.Single(page.RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal("attempt", line.GetProperty("kind").GetString());
        Assert.Equal(0.412, line.GetProperty("duration").GetDouble());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("status").ValueKind);
    }

    [Theory]
    [InlineData("traces?minDuration=soon", "minDuration")]
    [InlineData("traces?kind=get", "kind")]
    [InlineData("traces?sort=name", "sort")]
    [InlineData("traces?cursor=x", "cursor")]
    [InlineData("traces?path=/", "path")]
    [InlineData("traces/stats?by=route", "by")]
    public async Task What_cannot_be_read_is_refused_by_name(string path, string named)
    {
        await using var host = await WebHost.StartAsync();
        using var answer = await host.Client.GetAsync(path);
        var problem = await answer.ProblemAsync(400, "invalid-request");
        Assert.Contains($"'{named}'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SampleTraces.Page)]
    [InlineData("0af7651916cd43dd8448eb211c80319c")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")]
    public async Task One_trace_has_its_calls_and_the_batch_it_shared(string id)
    {
        await using var host = await FilledAsync();
        using var answer = await ReadAsync(await host.Client.GetAsync($"traces/{id}"));
        var trace = answer.RootElement;
        var spans = trace.GetProperty("spans").EnumerateArray().ToList();
        Assert.Equal(54, spans.Count);
        var statement = Assert.Single(spans, span => span.GetProperty("kind").GetString() == "statement");
        Assert.Equal(17, statement.GetProperty("batch").GetInt64());
        Assert.Equal((64, 64, 50), (statement.GetProperty("shared").GetProperty("calls").GetInt32(), statement.GetProperty("shared").GetProperty("keys").GetInt32(), statement.GetProperty("shared").GetProperty("ownKeys").GetInt32()));
        Assert.Equal(50, spans.Count(span => span.GetProperty("kind").GetString() == "get" && span.GetProperty("batch").GetInt64() == 17 && span.GetProperty("shared").ValueKind == JsonValueKind.Null));
        Assert.Equal("50", spans[1].GetProperty("tags").GetProperty("actorperf.rows").GetString());
        Assert.Equal(0.000038, trace.GetProperty("ownCost").GetDouble());
    }

    [Fact]
    public async Task Findings_carry_call_site_saving_and_calls()
    {
        await using var host = await FilledAsync();
        using var answer = await ReadAsync(await host.Client.GetAsync($"traces/{SampleTraces.Slow}"));
        var finding = Assert.Single(answer.RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal("staircase", finding.GetProperty("sort").GetString());
        Assert.Equal(0.089, finding.GetProperty("saving").GetDouble());
        Assert.Equal("Pages/Report.cs:41", finding.GetProperty("callSite").GetString());
        Assert.Equal(10, finding.GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task Totals_come_from_both_sides_with_what_tracing_costs()
    {
        await using var host = await FilledAsync();
        using var answer = await ReadAsync(await host.Client.GetAsync("traces/stats"));
        var stats = answer.RootElement;
        Assert.True(stats.GetProperty("on").GetBoolean());
        var route = stats.GetProperty("routes")[0];
        Assert.Equal(0.131, route.GetProperty("latency").GetProperty("p95").GetDouble());
        Assert.Equal("get", route.GetProperty("calls")[0].GetProperty("kind").GetString());
        var kind = stats.GetProperty("kinds")[0];
        Assert.Equal(["GET /demo/page", "job report"], kind.GetProperty("routes").EnumerateArray().Select(one => one.GetProperty("route").GetString()));
        Assert.Equal(SampleTraces.Slow, stats.GetProperty("findings")[0].GetProperty("exampleTrace").GetString());
        Assert.Equal(0.0000006, stats.GetProperty("cost").GetProperty("perSpan").GetDouble());
    }

    [Fact]
    public async Task Another_namespaces_trace_is_absent_unless_an_administrator_asks_for_all()
    {
        await using var host = await FilledAsync();
        using var absent = await host.Client.GetAsync($"traces/{SampleTraces.Foreign}");
        await absent.ProblemAsync(404, "not-found");
        using var found = await host.Client.GetAsync($"traces/{SampleTraces.Foreign}?everywhere=true");
        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        using var all = await ReadAsync(await host.Client.GetAsync("traces?everywhere=true&limit=1"));
        Assert.Equal("other", all.RootElement.GetProperty("items")[0].GetProperty("namespace").GetString());
    }

    [Theory]
    [InlineData("traces", "read", HttpStatusCode.Forbidden)]
    [InlineData("traces", "operate", HttpStatusCode.OK)]
    [InlineData("traces?everywhere=true", "operate", HttpStatusCode.Forbidden)]
    [InlineData("traces/stats?everywhere=true", "operate", HttpStatusCode.Forbidden)]
    [InlineData("traces/" + SampleTraces.Foreign + "?everywhere=true", "operate", HttpStatusCode.Forbidden)]
    [InlineData("traces?everywhere=true", "admin", HttpStatusCode.OK)]
    public async Task Looking_is_an_operators_and_looking_everywhere_an_administrators(string path, string scope, HttpStatusCode status)
    {
        var (options, key) = (new HttpOptions(), ApiKey.New());
        options.Auth.Keys["k"] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = [scope] };
        await using var host = await WebHost.StartAsync(options);
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var answer = await host.Client.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("read", null, HttpStatusCode.Forbidden)]
    [InlineData("operate", "default", HttpStatusCode.Forbidden)]
    [InlineData("operate", null, HttpStatusCode.OK)]
    public async Task Resetting_is_an_operators_who_is_bound_to_no_namespace_and_leaves_a_row(string scope, string? bound, HttpStatusCode status)
    {
        var (options, key) = (new HttpOptions(), ApiKey.New());
        options.Auth.Keys["k"] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = [scope], Namespaces = bound is null ? [] : [bound] };
        await using var host = await WebHost.StartAsync(options);
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var answer = await host.Client.PostAsync("traces/reset", new StringContent("{}", null, "application/json"));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, host.Traces.All.Count == 0);
        var rows = await host.Services.GetRequiredService<IAudit>().ListAuditAsync(ActorPerf.Tasks.Namespace.Default, null, 10, CancellationToken.None);
        Assert.Equal(status == HttpStatusCode.OK ? ["resetTraces"] : [], rows.Select(static row => row.Entry.Action));
    }

    private static async Task<WebHost> FilledAsync()
    {
        var host = await WebHost.StartAsync();
        SampleTraces.Fill(host.Traces, Sample.Id(7).ToString());
        return host;
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text);
    }
}
