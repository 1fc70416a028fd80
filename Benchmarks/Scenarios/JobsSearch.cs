using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long the first page of a search takes among many jobs.</summary>
internal sealed class JobsSearch : IScenario
{
    private const int Jobs = 1_000_000;
    private const int Repeats = 100;
    private static readonly HashSet<(string, string)> Indexed = [(SearchTable.Task, SearchTable.Path)];

    /// <summary>The search that is promised, and others for comparison.</summary>
    private static readonly (string Name, string Q, double? Bound)[] Searches =
    [
        ("state, task, tag and indexed argument", "state:failed task:task-7 tag:nightly args.customer.id:7", 50),
        ("indexed argument of one job in 400", "task:task-7 args.customer.id:7", null),
        ("tag of one job in five, and task", "task:task-7 tag:nightly", null),
        ("one task in twenty", "task:task-7", null),
        ("nothing of the newest 100,000 jobs", "task:nobody", null),
        ("an argument that is not indexed", "args.customer.id:7", null),
    ];

    public string Name => "jobs-search";

    public string Promises => "first page of 50 among 1,000,000 jobs by state, task, tag and a declared argument: under 50 ms";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        var jobs = pace.Scale(Jobs);
        report.Say($"writing {jobs:#,0} jobs");
        SearchTable.Fill(NodeFile.Database(folder.Path), jobs);
        using var storage = SqliteStorage.Open($"Data Source={NodeFile.Database(folder.Path)}", TimeProvider.System, new Random(1), fault => throw fault);
        foreach (var (name, q, bound) in Searches)
        {
            if (!FilterText.TryParse(q, out var filter, out var fault)) throw new InvalidOperationException(fault?.ToString());
            var query = new JobQuery { Namespace = Namespace.Default, Filter = filter, Indexed = Indexed };
            var times = new List<double>();
            var found = 0;
            for (var i = 0; i < pace.Scale(Repeats); i++)
            {
                var started = Stopwatch.GetTimestamp();
                found = (await storage.Jobs.ListAsync(query, CancellationToken.None)).Rows.Count;
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            report.Say($"{q}: {found} on the page");
            report.Add(new Figure(name, Spread.Of(times), "ms") { Promised = bound is { } under ? new Promise.Under(under) : null });
        }
    }
}
