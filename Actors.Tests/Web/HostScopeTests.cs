using System.Buffers;
using System.Net;
using System.Text;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Web;

/// <summary>The endpoints of a host: each request in a scope, on Kestrel and on the in-memory server.</summary>
public sealed class HostScopeTests
{
    public static TheoryData<bool> Servers => [true, false];

    [Theory, MemberData(nameof(Servers))]
    public async Task An_endpoint_that_returns_early_has_written_when_it_has_answered(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", (IData data) =>
        {
            _ = data.WriteAsync(Put(Key(1), 7));
            return "seen";
        }));
        host.Store.Delay = static _ => (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
        Assert.Equal("seen", await host.Client.GetStringAsync("/visit"));
        Assert.Equal(7, await host.StoredAsync(Key(1)));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_request_reads_once_what_it_asks_for_twice(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/twice", async (IData data) =>
            $"{await data.GetAsync(Key(1)) is null} {await data.GetAsync(Key(1)) is null} {DataScope.Current is not null}"));
        Assert.Equal("True True True", await host.Client.GetStringAsync("/twice"));
        Assert.Equal(1, host.Store.Reads);
    }

    [Theory]
    [InlineData(true, "return")]
    [InlineData(true, "bare")]
    [InlineData(true, "unflushed")]
    [InlineData(true, "stream")]
    [InlineData(true, "complete")]
    [InlineData(true, "swallow")]
    [InlineData(false, "return")]
    [InlineData(false, "bare")]
    [InlineData(false, "unflushed")]
    [InlineData(false, "stream")]
    [InlineData(false, "complete")]
    [InlineData(false, "swallow")]
    public async Task A_write_that_fails_unseen_makes_no_answer_of_success(bool kestrel, string way)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", (HttpContext context, IData data) =>
        {
            _ = data.WriteAsync(Put(Key(1), 7));
            context.Response.Headers.ETag = "\"1\"";
            return AnswerAsync(context, way);
        }));
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Write ? new EntityFaultException("The row is refused.") : null;
        using var answer = await host.Client.GetAsync("/visit");
        var problem = await answer.ProblemAsync(500, "internal-error");
        Assert.DoesNotContain("well", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Null(answer.Headers.ETag);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_write_that_goes_well_changes_nothing_of_the_answer(bool kestrel)
    {
        string[] ways = ["return", "bare", "unflushed", "stream", "complete", "swallow"];
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", (HttpContext context, IData data, string way) =>
        {
            _ = data.WriteAsync(Put(Key(1), 7));
            return AnswerAsync(context, way);
        }));
        foreach (var way in ways) Assert.Equal(way == "bare" ? "" : "well", await host.Client.GetStringAsync($"/visit?way={way}"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_write_that_fails_after_the_answer_has_begun_breaks_it(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", async (HttpContext context, IData data) =>
        {
            await context.Response.WriteAsync("well");
            await context.Response.Body.FlushAsync();
            _ = data.WriteAsync(Put(Key(1), 7));
        }));
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Write ? new EntityFaultException("The row is refused.") : null;
        await Assert.ThrowsAnyAsync<Exception>(() => host.Client.GetStringAsync("/visit"));
        Assert.Contains(host.Log, static line => line.Contains("GET /visit failed", StringComparison.Ordinal) && line.Contains("The row is refused.", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_write_that_does_not_end_in_time_makes_no_answer_of_success(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", (IData data) =>
        {
            _ = data.WriteAsync(Put(Key(1), 7));
            return "well";
        }), new DataOptions { DrainTimeout = TimeSpan.FromMilliseconds(30) });
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Store.Afterwards = _ => held.Task;
        using var answer = await host.Client.GetAsync("/visit");
        held.SetResult();
        await answer.ProblemAsync(503, "storage-unavailable");
        Assert.Contains(host.Log, static line => line.Contains("Put Thing/1", StringComparison.Ordinal) && line.Contains("HostScopeTests.cs:", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_endpoints_own_failure_goes_to_its_host_and_what_it_began_is_written(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, app => app.MapGet("/visit", async (HttpContext context, IData data) =>
        {
            _ = data.WriteAsync(Put(Key(1), 7));
            context.Response.BodyWriter.Write("half of an answer"u8);
            await Task.Yield();
            throw new InvalidOperationException("The endpoint's own.");
        }), before: static app => app.UseExceptionHandler(static handler => handler.Run(static context => context.Response.WriteAsync("the host's own page"))));
        using var answer = await host.Client.GetAsync("/visit");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("the host's own page", await answer.Content.ReadAsStringAsync());
        Assert.Equal(7, await host.StoredAsync(Key(1)));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task The_namespace_is_that_of_the_header(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, static app => app.MapGet("/where", (IData data) => data.Namespace.Name));
        Assert.Equal("default", await host.Client.GetStringAsync("/where"));
        Assert.Equal("red", await (await SendAsync(host, "red")).Content.ReadAsStringAsync());
        await (await SendAsync(host, "No Such")).ProblemAsync(400, "invalid-request");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task The_host_may_choose_the_namespace_and_then_the_header_says_nothing(bool kestrel)
    {
        await using var host = await StartAsync(
            kestrel, static app => app.MapGet("/where", (IData data) => data.Namespace.Name),
            choose: static context => context.Request.Query["shop"] is [{ } shop] ? Namespace.Parse(shop) : null);
        Assert.Equal("blue", await host.Client.GetStringAsync("/where?shop=blue"));
        Assert.Equal("default", await (await SendAsync(host, "red")).Content.ReadAsStringAsync());
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Routes_of_ActorPerf_have_their_own_scopes_beside_it(bool kestrel)
    {
        await using var host = await StartAsync(kestrel, static app => app.MapGet("/", () => "the shop"), choose: static _ => throw new InvalidOperationException("Not asked for these."));
        using var put = await host.Client.PutAsync("/perf/api/v1/data/Thing/1", Http.Json("""{"value": 7}"""));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var got = await host.Client.GetAsync("/perf/api/v1/data/Thing/1");
        Assert.Equal(7, (await got.BodyAsync()).GetProperty("data").GetProperty("value").GetInt32());
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_route_of_ActorPerf_whose_scope_cannot_be_left_does_not_answer_with_success(bool kestrel)
    {
        await using var host = await ScopedHost.StartAsync(kestrel, new DataOptions(), static app => app.MapActorPerf(), static data => new StrayWrites(data, Put(Key(2), 9)));
        using var put = await host.Client.PutAsync("/api/v1/data/Thing/1", Http.Json("""{"value": 7}"""));
        using var good = await host.Client.GetAsync("/api/v1/data/Thing/1");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(9, await host.StoredAsync(Key(2)));
        host.Store.FailBefore = static statement => statement.Sort == ScriptedSort.Write ? new EntityFaultException("The row is refused.") : null;
        using var bad = await host.Client.GetAsync("/api/v1/data/Thing/1");
        Assert.DoesNotContain("value", (await bad.ProblemAsync(500, "internal-error")).GetRawText(), StringComparison.Ordinal);
        Assert.Null(bad.Headers.ETag);
    }

    private static async Task AnswerAsync(HttpContext context, string way)
    {
        switch (way)
        {
            case "return":
                await Results.Text("well").ExecuteAsync(context);
                break;
            case "unflushed":
                context.Response.ContentLength = 4;
                context.Response.BodyWriter.Write("well"u8);
                break;
            case "stream":
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("we"));
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("ll"));
                break;
            case "complete":
                context.Response.BodyWriter.Write("well"u8);
                await context.Response.CompleteAsync();
                break;
            case "swallow":
                try
                {
                    await context.Response.WriteAsync("well");
                }
                catch (UnawaitedWritesException)
                {
                    context.Response.StatusCode = StatusCodes.Status202Accepted;
                }
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status200OK;
                break;
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(ScopedHost host, string ns)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/where");
        request.Headers.Add("ActorPerf-Namespace", ns);
        return await host.Client.SendAsync(request);
    }

    private static Task<ScopedHost> StartAsync(
        bool kestrel, Action<WebApplication> map, DataOptions? options = null, Func<HttpContext, Namespace?>? choose = null, Action<WebApplication>? before = null) =>
        ScopedHost.StartAsync(kestrel, options ?? new DataOptions(), app =>
        {
            before?.Invoke(app);
            app.UseActorPerfData(choose);
            app.MapActorPerf("/perf");
            map(app);
        });
}
