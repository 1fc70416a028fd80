using System.Diagnostics;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The same request over and over on several connections, each sending when its answer came.</summary>
internal static class HttpLoad
{
    /// <param name="expected">The status of every answer; another one ends the run with its text.</param>
    /// <param name="usage">What the measured process has used so far.</param>
    public static async Task<Measurement> RunAsync(
        IReadOnlyList<HttpConnection> connections, ReadOnlyMemory<byte> request, int expected, TimeSpan window, Func<Task<Usage>> usage)
    {
        var used = await usage();
        var started = Stopwatch.GetTimestamp();
        var loops = new Task<long>[connections.Count];
        for (var i = 0; i < loops.Length; i++)
        {
            var connection = connections[i];
            loops[i] = Task.Run(() => LoopAsync(connection, request, expected, started, window));
        }
        var done = (await Task.WhenAll(loops)).Sum();
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new Measurement(done, elapsed, await usage() - used);
    }

    private static async Task<long> LoopAsync(HttpConnection connection, ReadOnlyMemory<byte> request, int expected, long started, TimeSpan window)
    {
        long done = 0;
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            var answer = await connection.ExchangeAsync(request);
            if (answer.Status != expected) throw new InvalidOperationException($"{answer.Status} in place of {expected}: {answer.Text}");
            done++;
        }
        return done;
    }
}
