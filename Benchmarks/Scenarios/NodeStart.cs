using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>The program as its user starts it, in an empty folder: from the launch of the process to the first answer that it takes work.</summary>
internal sealed class NodeStart : IScenario
{
    private const int Starts = 10;
    private const string Address = "serves ";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public string Name => "node-start";

    public string Promises => "a new node, its database made: ready within 3 s of its launch";

    public async Task RunAsync(Pace pace, Report report)
    {
        var times = new List<double>();
        for (var start = 0; start < pace.Scale(Starts); start++) times.Add((await StartAsync()).TotalMilliseconds);
        report.Add(new Figure("from the launch to ready", Spread.Of(times), "ms") { Promised = new Promise.Within(3_000) });
    }

    private static async Task<TimeSpan> StartAsync()
    {
        using var folder = new DataFolder();
        var launch = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "actorperf"), ["serve", "--http:url", "http://127.0.0.1:0"])
        {
            WorkingDirectory = folder.Path, RedirectStandardError = true,
        };
        var launched = Stopwatch.GetTimestamp();
        using var process = Process.Start(launch)!;
        try
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(process.StandardError) };
            while (!(await client.GetAsync("/health/ready")).IsSuccessStatusCode) await Task.Delay(Look);
            return Stopwatch.GetElapsedTime(launched);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<Uri> AddressAsync(StreamReader said)
    {
        while (await said.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Address, StringComparison.Ordinal) is var at and >= 0) return new Uri(line[(at + Address.Length)..]);
        }
        throw new InvalidOperationException("The node ended without a word of where it serves.");
    }
}
