using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What remembering costs: a memoised hit against an endpoint that only reads and sends as many bytes.</summary>
internal sealed class ComputeHit : IScenario
{
    private const int Connections = 64;
    private const string Args = """{"n": 12}""";

    public string Name => "compute-hit";

    public string Promises => "a memoised hit over 64 connections: 0.8 of an endpoint that reads and sends the same bytes, on processor time as well; 0.85 of one that sends the same headers, on processor time, and at most 1 KiB allocated a request";

    public async Task RunAsync(Pace pace, Report report)
    {
        var promise = new Promise.AtLeast(0.8);
        await RunAsync(pace, report, "hit, limit sends the same body", "/empty", promise, promise, null);
        await RunAsync(pace, report, "hit, limit sends body and headers", "/same", null, new Promise.AtLeast(0.85), new Promise.Within(1_024));
    }

    private static async Task RunAsync(Pace pace, Report report, string name, string path, Promise? ratio, Promise? cost, Promise? bytes)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        var compute = HttpConnection.Request("POST", "/api/v1/compute/square", Args);
        var bare = HttpConnection.Request("POST", path, Args);
        var subject = await HttpConnection.ConnectAsync(node.Node, Connections);
        var limit = await HttpConnection.ConnectAsync(node.Limit, Connections);
        await subject[0].ExchangeAsync(compute);
        await node.AnswerBytesAsync((await subject[0].ExchangeAsync(compute)).Body.Length);
        var pairs = await Pairs.RunAsync(pace,
            window => HttpLoad.RunAsync(subject, compute, 200, window, node.UsageAsync),
            window => HttpLoad.RunAsync(limit, bare, 200, window, node.UsageAsync));
        report.Add(pairs.Figures(name, "request", null, ratio, cost, bytes));
        foreach (var connection in subject.Concat(limit)) connection.Dispose();
    }
}
