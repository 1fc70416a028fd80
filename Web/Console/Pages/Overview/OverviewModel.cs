using ActorPerf.Jobs;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One of the four numbers, with what the last 15 minutes were like.</summary>
/// <param name="Key">Stem of its live keys.</param>
/// <param name="Unit">Behind the number, smaller; "" for none.</param>
/// <param name="Note">A few words under the chart.</param>
public sealed record Figure(string Key, string Label, string Value, string Unit, string Note, Level Level, ChartModel Chart);

/// <summary>Is it healthy? One sentence, four numbers, and whatever is wrong.</summary>
public sealed record OverviewModel
{
    /// <summary>No job was ever submitted: the tour stands where the numbers would.</summary>
    public required bool Empty { get; init; }

    public required Level Level { get; init; }
    public required string Sentence { get; init; }
    public required IReadOnlyList<Problem> Problems { get; init; }
    public required IReadOnlyList<Figure> Figures { get; init; }
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
            figure.Chart.AddTo(values);
        }
        return new LiveState { Shape = Shape, Values = values };
    }

    /// <summary>What the page is built of, without its numbers.</summary>
    public string Shape => Shapes.Of([Empty ? "tour" : "numbers", .. Problems.Select(problem => $"{problem.Key}/{problem.Level}")]);

    public static string Word(Level level) => level.ToString().ToLowerInvariant();

    private static IReadOnlyList<Figure> FiguresOf(HealthReading reading) =>
        [Throughput(reading.Statistics), Failures(reading.Statistics), Oldest(reading), RunTime(reading.Statistics)];

    private static Figure Throughput(JobStatistics statistics)
    {
        var ended = statistics.Succeeded.Sum() + statistics.Failed.Sum();
        var chart = ChartModel.Timed("throughput-chart", ChartKind.Area, "Runs that ended, per second", ChartUnit.PerSecond, statistics.Until,
            new ChartSeries("succeeded", statistics.Succeeded), new ChartSeries("failed", statistics.Failed, "bad"));
        return new("throughput", "Throughput", Words.Rate(statistics.FinishedPerSecond), "/s",
            ended == 0 ? "nothing ended in 15 minutes" : $"{Words.Count((long)ended)} ended in 15 minutes", Level.Good, chart);
    }

    private static Figure Failures(JobStatistics statistics)
    {
        var failed = statistics.Failed.Sum();
        var all = statistics.Succeeded.Sum() + failed;
        return new(
            "failures", "Failures", Words.Count((long)failed), "", all == 0 ? "nothing ended in 15 minutes" : $"{Words.Percent(failed / all)} of what ended in 15 minutes",
            failed > 0 ? Level.Bad : Level.Good,
            ChartModel.Timed("failures-chart", ChartKind.Bars, "Runs that failed", ChartUnit.Count, statistics.Until, new ChartSeries("failed", statistics.Failed, "bad")));
    }

    private static Figure Oldest(HealthReading reading)
    {
        var oldest = reading.Queues.Select(queue => queue.OldestWaiting).Max();
        var waiting = reading.Queues.Sum(Health.Waiting);
        var ages = reading.Queues.Select(queue => reading.Node.Of($"queue.oldest:{queue.Name}")).ToList();
        var worst = Enumerable.Range(0, TimeSlots.Count).Select(slot => ages.Select(age => age[slot]).DefaultIfEmpty().Max()).ToList();
        return new(
            "oldest", "Oldest waiting", oldest is null ? "none" : Words.Duration(oldest), "", waiting == 0 ? "no job waits" : Words.Count(waiting, "job waits", "jobs wait"),
            oldest > Health.LongWait ? Level.Notice : Level.Good,
            ChartModel.Timed("oldest-chart", ChartKind.Area, "Age of the oldest job that waits", ChartUnit.Seconds, reading.Node.Until, new ChartSeries("oldest", worst, "2")));
    }

    private static Figure RunTime(JobStatistics statistics)
    {
        var last = statistics.RunP95.LastOrDefault(seconds => seconds > 0);
        return new(
            "runtime", "Run time, p95", last > 0 ? Words.Duration(TimeSpan.FromSeconds(last)) : "–", "",
            statistics.RunP95.Any(seconds => seconds > 0) ? $"slowest five seconds: {Words.Duration(TimeSpan.FromSeconds(statistics.RunP95.Max()))}" : "nothing ran in 15 minutes", Level.Good,
            ChartModel.Timed("runtime-chart", ChartKind.Area, "95th percentile of run time", ChartUnit.Seconds, statistics.Until, new ChartSeries("p95", statistics.RunP95, "3")));
    }
}
