using System.Diagnostics;
using System.Globalization;
using System.Text;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Whether somebody who waits for a page is served while a long line of jobs waits for the same pool.</summary>
internal sealed class ComputeUnderJobs : IScenario
{
    private const int Jobs = 10_000;
    private const int Batch = 5_000;

    public string Name => "compute-under-jobs";

    public string Promises => "p99 of a 10 ms miss while 10,000 jobs of 10 s wait for the same queue: under 50 ms";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        using var connection = await HttpConnection.ConnectAsync(node.Node);
        await SampleAsync(connection, 0, 50);
        var alone = await SampleAsync(connection, 1_000, pace.Scale(500));
        for (var first = 0; first < Jobs; first += Batch) await SubmitAsync(connection, first);
        var under = await SampleAsync(connection, 100_000, pace.Scale(1_000));
        report.Add(new Figure("miss of 10 ms under jobs, p50", Spread.Of(Spread.Percentile(under, 50)), "ms"));
        report.Add(new Figure("miss of 10 ms under jobs, p99", Spread.Of(Spread.Percentile(under, 99)), "ms") { Promised = new Promise.Under(50) });
        report.Add(new Figure("the same without jobs, p99", Spread.Of(Spread.Percentile(alone, 99)), "ms"));
    }

    private static async Task SubmitAsync(HttpConnection connection, int first)
    {
        var body = new StringBuilder("[");
        for (var n = first; n < first + Batch; n++)
            body.Append(n == first ? "" : ",").Append(CultureInfo.InvariantCulture, $$$"""{"task": "square", "args": {"n": {{{-1 - n}}}, "delay": "10s"}}""");
        await connection.SendAsync(HttpConnection.Request("POST", "/api/v1/jobs/batch", body.Append(']').ToString()));
        var tail = "";
        while (!tail.Contains("\"complete\":true", StringComparison.Ordinal) || !tail.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            var text = tail + Encoding.UTF8.GetString((await connection.ReadAsync()).Span);
            tail = text[Math.Max(0, text.Length - 300)..];
        }
    }

    private static async Task<double[]> SampleAsync(HttpConnection connection, int first, int samples)
    {
        var times = new double[samples];
        for (var i = 0; i < samples; i++)
        {
            var request = HttpConnection.Request("POST", "/api/v1/compute/square", $$"""{"n": {{first + i}}, "delay": "10ms"}""");
            var started = Stopwatch.GetTimestamp();
            var answer = await connection.ExchangeAsync(request);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (answer.Status != 200) throw new InvalidOperationException($"{answer.Status} in place of 200: {answer.Text}");
        }
        return times;
    }
}
