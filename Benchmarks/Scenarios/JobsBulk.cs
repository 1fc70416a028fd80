using System.Diagnostics;
using System.Text;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Many jobs as lines of one request, until the last result is durable.</summary>
internal sealed class JobsBulk : IScenario
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public string Name => "jobs-bulk";

    public string Promises => "NDJSON of 100,000 no-op jobs over one connection, until the last result is durable: at least 15,000 jobs/s, aim for 30,000";

    public async Task RunAsync(Pace pace, Report report)
    {
        var lines = pace.Scale(100_000);
        var body = new StringBuilder();
        for (var i = 0; i < lines; i++) body.Append("""{"task": "noop"}""").Append('\n');
        var request = HttpConnection.Request("POST", "/api/v1/jobs/batch", body.ToString(), type: "application/x-ndjson");

        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        await RunAsync(node, request, lines);
        var measured = new List<Measurement>();
        var answered = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            var (whole, accepted) = await RunAsync(node, request, lines);
            measured.Add(whole);
            answered.Add(lines / accepted.TotalSeconds);
        }
        report.Add(new Figure("submitted to durable result", Spread.Of(measured.Select(m => m.PerSecond)), "jobs/s") { Promised = new Promise.AtLeast(15_000, AimFor: 30_000) });
        report.Add(new Figure("submitted to answered", Spread.Of(answered), "jobs/s"));
        report.Add(new Figure("processor", Spread.Of(measured.Select(m => m.Cpu)), "µs/job"));
        report.Add(new Figure("allocated", Spread.Of(measured.Select(m => m.Bytes)), "bytes/job"));
    }

    /// <summary>Waits until no no-op job ends any more.</summary>
    public static async Task SettleAsync(NodeProcess node)
    {
        var seen = -1L;
        while (await node.SucceededAsync() is var now && now != seen)
        {
            seen = now;
            await Task.Delay(Look * 10);
        }
    }

    private static async Task<(Measurement Whole, TimeSpan Answered)> RunAsync(NodeProcess node, byte[] request, int lines)
    {
        var before = await node.SucceededAsync();
        var used = await node.UsageAsync();
        var started = Stopwatch.GetTimestamp();
        using var connection = await HttpConnection.ConnectAsync(node.Node);
        var sending = connection.SendAsync(request);
        var tail = "";
        while (!tail.Contains("\"complete\":true", StringComparison.Ordinal))
        {
            var text = Encoding.UTF8.GetString((await connection.ReadAsync()).Span);
            tail = tail.Length + text.Length <= 200 ? tail + text : (tail + text)[^200..];
        }
        await sending;
        var answered = Stopwatch.GetElapsedTime(started);
        while (await node.SucceededAsync() - before < lines) await Task.Delay(Look);
        return (new Measurement(lines, Stopwatch.GetElapsedTime(started), await node.UsageAsync() - used), answered);
    }
}
