using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What tracing costs: the same requests on a node that keeps traces as it does by default, and on one that keeps none. Both count their routes.</summary>
internal sealed class TraceCost : IScenario
{
    private const int Connections = 64;
    private const string Off = "actorperf.tracing.enabled = false";

    /// <summary>As much as tracing may cost.</summary>
    private static readonly Promise Cheap = new Promise.AtLeast(1 / 1.1);

    public string Name => "trace-cost";

    public string Promises => "memoised hits and single submits with tracing on: at most 1.1 times the processor time of a node without it";

    public async Task RunAsync(Pace pace, Report report)
    {
        await RunAsync(pace, report, "hits", HttpConnection.Request("POST", "/api/v1/compute/square", """{"n": 12}"""), 200, settles: false);
        await RunAsync(pace, report, "submits", HttpConnection.Request("POST", "/api/v1/jobs", """{"task": "noop"}"""), 202, settles: true);
    }

    private static async Task RunAsync(Pace pace, Report report, string name, byte[] request, int status, bool settles)
    {
        using var own = new DataFolder();
        using var other = new DataFolder();
        await using var with = await NodeProcess.StartAsync(own.Path);
        await using var without = await NodeProcess.StartAsync(other.Path, Off);
        var subject = await HttpConnection.ConnectAsync(with.Node, Connections);
        var limit = await HttpConnection.ConnectAsync(without.Node, Connections);
        var pairs = await Pairs.RunAsync(pace, window => MeasureAsync(with, subject, window), window => MeasureAsync(without, limit, window));
        report.Add(pairs.Figures(name, "request", null, null, cost: Cheap));
        foreach (var connection in subject.Concat(limit)) connection.Dispose();

        async Task<Measurement> MeasureAsync(NodeProcess node, IReadOnlyList<HttpConnection> connections, TimeSpan window)
        {
            var measured = await HttpLoad.RunAsync(connections, request, status, window, node.UsageAsync);
            if (settles) await JobsBulk.SettleAsync(node);
            return measured;
        }
    }
}
