using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long every page takes to begin on a node with many jobs.</summary>
internal sealed class ConsoleFirstByte : IScenario
{
    private const int Jobs = 1_000_000;
    private const int Repeats = 100;

    private static readonly string[] Pages =
    [
        "/", "/submit", "/jobs", "/jobs?state=failed&task=task-7&tag=nightly", "/jobs?q=state%3Afailed+args.customer.id%3A7+task%3Atask-7", "/jobs?q=state%3Afailed+args.customer.id%3A7+task%3Atask-8", "/workflows", "/queues", "/queues/default", "/schedules", "/cache", "/data", "/cluster",
        "/cluster/self", "/webhooks", "/audit",
    ];

    // The task whose arguments are indexed; task-8 is like it and declares nothing.
    private const string Indexed = $$"""actorperf.tasks.{{SearchTable.Task}} { command = ["cat"], search-args = [{{SearchTable.Path}}] }""";

    public string Name => "console-first-byte";

    public string Promises => "every page with 1,000,000 jobs: first byte under 100 ms, p95";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        var jobs = pace.Scale(Jobs);
        report.Say($"writing {jobs:#,0} jobs");
        SearchTable.Fill(NodeFile.Database(folder.Path), jobs);
        await using var node = await NodeProcess.StartAsync(folder.Path, Indexed);
        using var http = new HttpClient { BaseAddress = node.Node };
        foreach (var page in Pages)
        {
            var times = new double[pace.Scale(Repeats)];
            for (var i = -2; i < times.Length; i++)      // the first two compile
            {
                var started = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync(new Uri(page, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
                answer.EnsureSuccessStatusCode();
                await using var body = await answer.Content.ReadAsStreamAsync();
                await body.ReadExactlyAsync(new byte[1]);
                if (i >= 0) times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                await body.CopyToAsync(Stream.Null);
            }
            report.Add(new Figure($"{page}, p95", Spread.Of(Spread.Percentile(times, 95)), "ms") { Promised = new Promise.Under(100) });
        }
    }
}
