using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Many callers of one key that nobody has computed yet.</summary>
internal sealed class ComputeStampede : IScenario
{
    private const int Callers = 1_000;

    public string Name => "compute-stampede";

    public string Promises => "1,000 concurrent calls of one uncached key: 1 computation";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        var connections = await HttpConnection.ConnectAsync(node.Node, Callers);
        var runs = new List<double>();
        var times = new List<double>();
        for (var key = 0; key < 5; key++)
        {
            var request = HttpConnection.Request("POST", "/api/v1/compute/counted", $$"""{"key": {{key}}}""");
            var before = await node.RunsAsync();
            var started = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(connections.Select(connection => connection.ExchangeAsync(request).AsTask()));
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (answers.Any(answer => answer.Status != 200)) throw new InvalidOperationException("A caller got no result; the figure would be wrong.");
            runs.Add(await node.RunsAsync() - before);
        }
        report.Add(new Figure("computations", Spread.Of(runs), "runs") { Promised = new Promise.Exactly(1) });
        report.Add(new Figure("all answered, of a task of 200 ms", Spread.Of(times), "ms"));
        foreach (var connection in connections) connection.Dispose();
    }
}
