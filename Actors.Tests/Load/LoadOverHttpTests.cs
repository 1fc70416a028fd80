using System.Collections.Concurrent;
using System.Diagnostics;
using ActorPerf.Load;
using ActorPerf.Setup;
using ActorPerf.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Load;

/// <summary>Over real connections, against a server that knows what it did.</summary>
public sealed class LoadOverHttpTests
{
    [FullFact]
    public async Task A_stall_of_a_real_server_shows_in_the_planned_latency_and_hides_in_the_service_time()
    {
        await using var server = await KnownHost.StartAsync();
        await using var load = LoadAlone.Start(new ConfigurationBuilder().Build(), new LoadOptions(), [One("GET", "/stall")]);
        // Four connections, a hundred requests a second, a stall of a second and a half in the middle.
        var result = await RunAsync(load, server.Plan(new LoadModel.Open(100) { MaxUsers = 4 }, TimeSpan.FromSeconds(4)));
        Assert.Equal(400, result.Final.Iterations + result.Final.DroppedIterations);
        Assert.Equal(server.Answered, result.Final.Total.Count);
        var all = result.Series[^1];
        // At most four requests met the stall itself; more than a tenth came by the plan while it lasted.
        Assert.True(all.Service.Max >= KnownHost.Stall);
        Assert.True(all.Response.Percentile(90) >= TimeSpan.FromMilliseconds(500), $"{all.Response.Percentile(90)}");
        Assert.True(all.Response.Percentile(90) > all.Service.Percentile(90));
        Assert.True(result.Final.Health.Saturated);
    }

    [FullFact]
    public async Task What_a_real_server_took_is_the_least_that_is_told()
    {
        await using var server = await KnownHost.StartAsync();
        await using var load = LoadAlone.Start(new ConfigurationBuilder().Build(), new LoadOptions(), [One("POST", "/slow")]);
        var result = await RunAsync(load, server.Plan(new LoadModel.Closed(8, 100), TimeSpan.FromSeconds(30)) with { MaxRequests = 200 });
        Assert.Equal(200, result.Final.Total.Count);
        Assert.Equal(0, result.Final.Total.Failures);
        var took = server.Took.Order().ToList();
        foreach (var percent in new[] { 50, 90, 95, 99 })
        {
            var least = took[(int)Math.Ceiling(percent / 100.0 * took.Count) - 1];
            Assert.True(result.Series[^1].Service.Percentile(percent) >= least - TimeSpan.FromMilliseconds(1), $"{percent} %: {result.Series[^1].Service.Percentile(percent)} is less than the server's own {least}");
        }
        Assert.Equal(3, result.Final.Total.AverageSize);
    }

    [FullFact]
    public async Task A_target_that_is_not_there_fails_every_request_with_its_reason()
    {
        await using var load = LoadAlone.Start(new ConfigurationBuilder().Build(), new LoadOptions(), [One("GET", "/")]);
        var plan = new LoadPlan { Scenario = "one", Host = new Uri("http://127.0.0.1:1"), Model = new LoadModel.Closed(2, 10) { Iterations = 10 }, RunTime = TimeSpan.FromSeconds(30) };
        var result = await RunAsync(load, plan);
        Assert.Equal((10, 10), (result.Final.Total.Count, result.Final.Total.Failures));
        Assert.Equal("ConnectionRefused", Assert.Single(result.Final.Failures).Error);
    }

    [FullFact]
    public async Task The_ready_made_scenarios_load_a_node_and_time_its_jobs()
    {
        await using var node = await Web.Api.NodeHost.StartAsync();
        await using var load = LoadAlone.Start(new ConfigurationBuilder().Build());
        var host = new Uri(node.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        foreach (var scenario in ShippedScenarios.All)
        {
            var plan = new LoadPlan
            {
                Scenario = scenario.Name, Host = host, Model = new LoadModel.Closed(3, 100) { Iterations = 6 }, RunTime = TimeSpan.FromSeconds(60), Seed = 3,
                Variables = scenario.Name == "batch" ? new Dictionary<string, string> { ["size"] = "20" } : [],
            };
            var final = (await RunAsync(load, plan)).Final;
            Assert.True(final.Failures.Count == 0 && final.Exceptions.Count == 0, $"{scenario.Name}: {final.Failures.Concat(final.Exceptions).FirstOrDefault()?.Error}");
            Assert.Equal(6, final.Iterations);
            // Jobs that somebody waited for were timed, each of them once.
            var jobs = scenario.Name switch { "batch" => 6 * 20, "events" or "submit-and-wait" => 6, _ => 0 };
            Assert.Equal(jobs, final.Jobs.Where(static row => row.Name == "square").Sum(static row => row.Count));
        }
    }

    private static LoadScenario One(string method, string path) =>
        new("one", "", [new LoadUser("user", 1, LoadWait.None, [new LoadTask("ask", 1, [], async (session, ct) => await session.SendAsync(new LoadRequest(method, path), ct))])]);

    private static async Task<LoadResult> RunAsync(LoadAlone load, LoadPlan plan)
    {
        var run = Assert.IsType<LoadOutcome.Done>(await load.Tests.StartAsync(plan, CancellationToken.None)).Run;
        await foreach (var progress in load.Tests.FollowAsync(run.Id, new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token)) Assert.Equal(run.Id, progress.Id);
        return load.Tests.Result(run.Id)!;
    }

    /// <summary>A server that stalls once, and one that measures itself.</summary>
    private sealed class KnownHost : IAsyncDisposable
    {
        public static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(1_500);

        /// <summary>By so much a timer may ring before its time.</summary>
        private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(20);

        private readonly WebApplication _app;
        private readonly ConcurrentQueue<TimeSpan> _took = new();
        private long _first;
        private long _stalled;
        private int _answered;

        private KnownHost(WebApplication app) => _app = app;

        public IEnumerable<TimeSpan> Took => _took;

        public int Answered => _answered;

        public static async Task<KnownHost> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var host = new KnownHost(builder.Build());
            host._app.MapGet("/stall", host.StallAsync);
            host._app.MapPost("/slow", host.SlowAsync);
            await host._app.StartAsync();
            return host;
        }

        public LoadPlan Plan(LoadModel model, TimeSpan time) => new()
        {
            Scenario = "one",
            Host = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
            Model = model,
            RunTime = time,
            Seed = 1,
        };

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task StallAsync(HttpContext context)
        {
            Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0);
            if (Stopwatch.GetElapsedTime(_first) >= TimeSpan.FromSeconds(1))
            {
                // Begun by a request and not by the clock alone: a machine without time could let it pass with none.
                Interlocked.CompareExchange(ref _stalled, Stopwatch.GetTimestamp(), 0);
                if (Stopwatch.GetElapsedTime(_stalled) < Stall) await Task.Delay(Stall + TimerStep);
            }
            Interlocked.Increment(ref _answered);
            await context.Response.WriteAsync("ok");
        }

        private async Task SlowAsync(HttpContext context)
        {
            var begun = Stopwatch.GetTimestamp();
            await Task.Delay(Random.Shared.Next(1, 20));
            _took.Enqueue(Stopwatch.GetElapsedTime(begun));
            await context.Response.WriteAsync("ok!");
        }
    }
}
