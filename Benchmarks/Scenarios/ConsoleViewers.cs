using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What 200 open pages cost the jobs of a node.</summary>
internal sealed class ConsoleViewers : IScenario
{
    private const int Viewers = 200;
    private const int Connections = 64;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    private static readonly string[] Views = ["overview", "jobs", "queues", "queue&name=noop", "cache", "data", "cluster", "node&name=self"];

    public string Name => "console-viewers";

    public string Promises => "200 open pages: processor time a job of jobs-http at most 1.1 times that without any";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var own = new DataFolder();
        using var other = new DataFolder();
        await using var watched = await NodeProcess.StartAsync(own.Path);
        await using var alone = await NodeProcess.StartAsync(other.Path);
        var body = HttpConnection.Request("POST", "/api/v1/jobs", """{"task": "noop"}""");
        var subject = await HttpConnection.ConnectAsync(watched.Node, Connections);
        var limit = await HttpConnection.ConnectAsync(alone.Node, Connections);
        await using var viewers = await ConsoleViews.OpenAsync(watched.Node, Viewers, Views);
        // Pages that stay open, and not the first seconds of a process: what runs once a second is compiled for good only after half a minute.
        await Task.Delay(pace.IsShort ? TimeSpan.FromSeconds(5) : Settled);
        var pairs = await Pairs.RunAsync(pace,
            async window => await SettledAsync(watched, await HttpLoad.RunAsync(subject, body, 202, window, watched.UsageAsync)),
            async window => await SettledAsync(alone, await HttpLoad.RunAsync(limit, body, 202, window, alone.UsageAsync)));
        report.Say($"{viewers.Bytes:#,0} bytes of frames went to {Viewers} pages");
        report.Add(pairs.Figures($"{Viewers} pages open", "job", null, null, cost: new Promise.AtLeast(1 / 1.1)));
        foreach (var connection in subject.Concat(limit)) connection.Dispose();
    }

    private static async Task<Measurement> SettledAsync(NodeProcess node, Measurement measured)
    {
        await JobsBulk.SettleAsync(node);
        return measured;
    }
}
