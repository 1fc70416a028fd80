using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Console.Parts;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One of the four numbers, with what the last 15 minutes were like.</summary>
/// <param name="Key">Stem of its live keys.</param>
/// <param name="Note">A few words under the chart.</param>
public sealed record Figure(string Key, string Label, string Value, string Note, Level Level, ChartKind Kind, IReadOnlyList<double> Points, string ChartTitle);

/// <summary>Is it healthy? One sentence, four numbers, the queues, and whatever is wrong.</summary>
public sealed record OverviewModel
{
    /// <summary>No job was ever submitted: the tour stands where the numbers would.</summary>
    public required bool Empty { get; init; }

    public required Level Level { get; init; }
    public required string Sentence { get; init; }
    public required IReadOnlyList<Problem> Problems { get; init; }
    public required IReadOnlyList<Figure> Figures { get; init; }
    public required IReadOnlyList<QueueLine> Queues { get; init; }
    public required TourModel Tour { get; init; }

    public static OverviewModel From(HealthReading reading, bool empty, TourModel tour, Links links)
    {
        var problems = Health.Problems(reading, links);
        var (level, sentence) = Health.Sentence(reading, problems);
        return new OverviewModel
        {
            Empty = empty,
            Level = level,
            Sentence = sentence,
            Problems = problems,
            Figures = FiguresOf(reading),
            Queues = [.. reading.Queues.Select(queue => QueueLine.From(queue, links))],
            Tour = tour,
        };
    }

    public LiveState Live()
    {
        var values = new LiveValues { ["health"] = Sentence, ["health@data-level"] = Word(Level) };
        foreach (var problem in Problems) values[$"problem-{problem.Key}"] = problem.Text;
        foreach (var figure in Figures)
        {
            values[figure.Key] = figure.Value;
            values[$"{figure.Key}@data-level"] = Word(figure.Level);
            values[$"{figure.Key}-note"] = figure.Note;
            ChartLive.Add(values, $"{figure.Key}-chart", figure.Kind, figure.Points);
        }
        foreach (var queue in Queues) queue.AddTo(values);
        return new LiveState { Shape = Shape, Values = values };
    }

    /// <summary>What the page is built of, without its numbers.</summary>
    public string Shape => Shapes.Of([Empty ? "tour" : "numbers", .. Problems.Select(problem => $"{problem.Key}/{problem.Level}"), .. Queues.Select(queue => queue.Shape)]);

    public static string Word(Level level) => level.ToString().ToLowerInvariant();

    private static IReadOnlyList<Figure> FiguresOf(HealthReading reading)
    {
        var statistics = reading.Statistics;
        var finished = statistics.Succeeded.Zip(statistics.Failed, (succeeded, failed) => succeeded + failed).ToList();
        return [Throughput(statistics, finished), Failures(statistics, finished), Oldest(reading), RunTime(statistics)];
    }

    private static Figure Throughput(JobStatistics statistics, List<long> finished) => new(
        "throughput", "Finished per second", Words.Rate(statistics.FinishedPerSecond),
        $"{Words.Count(finished.Sum())} in 15 minutes, peak {Words.Rate(Peak(finished) / BucketSeconds)}/s", Level.Good, ChartKind.Area,
        [.. finished.Select(count => (double)count)], "Jobs finished over the last 15 minutes");

    private static Figure Failures(JobStatistics statistics, List<long> finished)
    {
        var failed = statistics.Failed.Sum();
        var all = finished.Sum();
        return new(
            "failures", "Failures", Words.Count(failed), all == 0 ? "nothing finished in 15 minutes" : $"{Words.Percent((double)failed / all)} of what ended in 15 minutes",
            failed > 0 ? Level.Bad : Level.Good, ChartKind.Bars, [.. statistics.Failed.Select(count => (double)count)], "Failures over the last 15 minutes");
    }

    private static Figure Oldest(HealthReading reading)
    {
        var oldest = reading.Queues.Select(queue => queue.OldestWaiting).Max();
        var waiting = reading.Queues.Sum(Health.Waiting);
        return new(
            "oldest", "Oldest waiting", oldest is null ? "none" : Words.Duration(oldest), waiting == 0 ? "no job waits; arrivals above" : $"{Words.Count(waiting, "job waits", "jobs wait")}; arrivals above",
            oldest > Health.LongWait ? Level.Notice : Level.Good, ChartKind.Area, [.. reading.Statistics.Submitted.Select(count => (double)count)],
            "Jobs submitted over the last 15 minutes");
    }

    private static Figure RunTime(JobStatistics statistics)
    {
        var last = statistics.RunP95.LastOrDefault(seconds => seconds > 0);
        return new(
            "runtime", "Run time, p95", last > 0 ? Words.Duration(TimeSpan.FromSeconds(last)) : "–",
            statistics.RunP95.Any(seconds => seconds > 0) ? $"slowest ten seconds: {Words.Duration(TimeSpan.FromSeconds(statistics.RunP95.Max()))}" : "nothing ran in 15 minutes", Level.Good,
            ChartKind.Area, statistics.RunP95, "95th percentile of run time over the last 15 minutes");
    }

    private const double BucketSeconds = 10;

    private static long Peak(List<long> counts) => counts.Count == 0 ? 0 : counts.Max();
}
