using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Many calls that wait: no thread waits with them.</summary>
internal sealed class ComputeAsync : IScenario
{
    private const int Callers = 1_000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public string Name => "compute-async";

    public string Promises => "1,000 concurrent unmemoised sleeps of 3 s: answered within 3.5 s by a process with fewer than 50 threads";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        var connections = await HttpConnection.ConnectAsync(node.Node, Callers);
        await CallAllAsync(connections, "100ms");
        var request = "3s";
        var threads = node.Threads;
        var started = Stopwatch.GetTimestamp();
        var calling = CallAllAsync(connections, request);
        while (!calling.IsCompleted)
        {
            threads = Math.Max(threads, node.Threads);
            await Task.WhenAny(calling, Task.Delay(Look));
        }
        var last = await calling - started;
        report.Add(new Figure("last answer", Spread.Of(TimeSpan.FromTicks(last * TimeSpan.TicksPerSecond / Stopwatch.Frequency).TotalSeconds), "s") { Promised = new Promise.Within(3.5) });
        report.Add(new Figure("threads", Spread.Of(threads), "threads") { Promised = new Promise.Under(50) });
        foreach (var connection in connections) connection.Dispose();
    }

    /// <returns>When the last answer came.</returns>
    private static async Task<long> CallAllAsync(HttpConnection[] connections, string duration)
    {
        var request = HttpConnection.Request("POST", "/api/v1/compute/sleep", $$"""{"duration": "{{duration}}"}""");
        var answers = await Task.WhenAll(connections.Select(connection => connection.ExchangeAsync(request).AsTask()));
        var last = Stopwatch.GetTimestamp();
        if (answers.FirstOrDefault(answer => answer.Status != 200) is { Status: > 0 } refused)
            throw new InvalidOperationException($"{refused.Status} in place of 200: {refused.Text}");
        return last;
    }
}
