using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Single submits over HTTP, each durable before its answer, against an endpoint that does nothing.</summary>
internal sealed class JobsHttp : IScenario
{
    private const int Connections = 64;

    public string Name => "jobs-http";

    public string Promises => "single submits over 64 connections, durable before the 202, queue running: 0.35 of an empty POST endpoint of the same size";

    public async Task RunAsync(Pace pace, Report report)
    {
        await RunAsync(pace, report, "queue running", """{"task": "noop"}""", new Promise.AtLeast(0.35));
        await RunAsync(pace, report, "queue without a pool", """{"task": "noop", "queue": "nobody"}""", null);
    }

    private static async Task RunAsync(Pace pace, Report report, string name, string body, Promise? ratio)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        var submit = HttpConnection.Request("POST", "/api/v1/jobs", body);
        var empty = HttpConnection.Request("POST", "/empty", body);
        var subject = await HttpConnection.ConnectAsync(node.Node, Connections);
        var limit = await HttpConnection.ConnectAsync(node.Limit, Connections);
        await node.AnswerBytesAsync((await subject[0].ExchangeAsync(submit)).Body.Length);
        var pairs = await Pairs.RunAsync(pace,
            async window =>
            {
                var measured = await HttpLoad.RunAsync(subject, submit, 202, window, node.UsageAsync);
                if (ratio is not null) await JobsBulk.SettleAsync(node);       // the limit is not to pay for what was left over
                return measured;
            },
            window => HttpLoad.RunAsync(limit, empty, 200, window, node.UsageAsync));
        report.Add(pairs.Figures(name, "request", null, ratio));
        foreach (var connection in subject.Concat(limit)) connection.Dispose();
    }
}
