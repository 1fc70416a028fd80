using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Load;
using ActorPerf.Setup;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How many requests one process generates: a load test's virtual users against an endpoint that does nothing, beside a bare loop of an HTTP client.</summary>
/// <remarks>Both sides open their connections anew in every window, have the same number of callers, and share the cores with the server.</remarks>
internal sealed class LoadRate : IScenario
{
    private const int Users = 64;
    private const string Path = "/empty";
    private static readonly byte[] Body = """{"n": 12}"""u8.ToArray();

    public string Name => "load-rate";

    public string Promises => "requests a second of one load-testing process against an empty endpoint: 0.7 of a bare HttpClient loop of the same concurrency, on processor time as well";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        var promise = new Promise.AtLeast(0.7);
        foreach (var (name, scenario) in new[] { ("class", OfCode), ("template", OfTemplate) })
        {
            await using var load = LoadAlone.Start(new ConfigurationBuilder().Build(), new LoadOptions(), [scenario]);
            var pairs = await Pairs.RunAsync(pace, window => LoadAsync(load.Tests, scenario.Name, node.Limit, window), window => BareAsync(node.Limit, window));
            report.Add(pairs.Figures($"{name}, {Users} users", "request", null, promise, promise));
        }
    }

    /// <summary>As a class of a user's own sends it.</summary>
    private static LoadScenario OfCode { get; } = new("code", "", [new LoadUser("user", 1, LoadWait.None, [new LoadTask("post", 1, [], PostAsync)])]);

    /// <summary>As settings have it.</summary>
    private static LoadScenario OfTemplate { get; } = Template();

    private static LoadScenario Template()
    {
        var options = new ScenarioOptions();
        options.Users["user"] = new LoadUserOptions();
        options.Users["user"].Tasks["post"] = new LoadTaskOptions { Requests = [new LoadRequestOptions { Path = Path, Body = """{"n": {{$random(1,99)}}}""", Status = [200] }] };
        return ScenarioCompiler.Compile("template", options);
    }

    private static async ValueTask PostAsync(LoadSession session, CancellationToken ct) =>
        await session.SendAsync(new LoadRequest("POST", Path) { Body = Body }, ct);

    private static async Task<Measurement> LoadAsync(ILoadTests tests, string scenario, Uri host, TimeSpan window)
    {
        var used = Usage.Here();
        var plan = new LoadPlan { Scenario = scenario, Host = host, Model = new LoadModel.Closed(Users, 1_000_000), RunTime = window };
        if (await tests.StartAsync(plan, CancellationToken.None) is not LoadOutcome.Done { Run: var run }) throw new InvalidOperationException("The load test did not start.");
        var last = run;
        await foreach (var progress in tests.FollowAsync(run.Id, CancellationToken.None)) last = progress;
        if (last.Total.Failures > 0 || last.Exceptions.Count > 0) throw new InvalidOperationException($"{last.Total.Failures} requests failed: {last.Failures.Concat(last.Exceptions).FirstOrDefault()?.Error}");
        return new Measurement(last.Total.Count, last.Measured, Usage.Here() - used);
    }

    private static async Task<Measurement> BareAsync(Uri host, TimeSpan window)
    {
        var used = Usage.Here();
        using var client = new HttpClient { BaseAddress = host };
        var started = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, Users).Select(_ => Task.Run(() => LoopAsync(client, started, window))));
        return new Measurement(done.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    private static async Task<long> LoopAsync(HttpClient client, long started, TimeSpan window)
    {
        long done = 0;
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            using var content = new ByteArrayContent(Body);
            content.Headers.ContentType = new("application/json");
            using var answer = await client.PostAsync(new Uri(Path, UriKind.Relative), content);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            done++;
        }
        return done;
    }
}
