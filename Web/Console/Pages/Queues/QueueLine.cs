using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A queue as the console shows it.</summary>
/// <param name="Queue">As the front door tells it.</param>
/// <param name="Flow">What went through it on this node.</param>
/// <param name="Condition">What stands in its way, in words; "" when nothing does.</param>
public sealed record QueueLine(QueueView Queue, QueueFlow Flow, DateTimeOffset Until, string Condition, Level Level)
{
    private static readonly double[] Flat = new double[Tracing.TimeSlots.Count];

    public static QueueLine From(QueueView queue, JobStatistics statistics)
    {
        var (condition, level) = ConditionOf(queue);
        return new QueueLine(queue, statistics.Queues.GetValueOrDefault(queue.Name) ?? new QueueFlow(Flat, Flat, 0, 0), statistics.Until, condition, level);
    }

    public string Name => Queue.Name;

    public bool Served => Queue.Routees > 0;

    public long Waiting => Health.Waiting(Queue);

    public long Scheduled => Health.Of(Queue, JobState.Scheduled) + Health.Of(Queue, JobState.Held);

    public long Retrying => Health.Of(Queue, JobState.Retrying);

    /// <summary>Key of one of its cells among the live values.</summary>
    public string Key(string cell) => $"queue-{Name}-{cell}";

    public string RunningText => Queue.Concurrency > 0 ? $"{Words.Count(Health.Running(Queue))} of {Words.Count(Queue.Concurrency)}" : Words.Count(Health.Running(Queue));

    public string RouteesText => Served ? $"{Words.Count(Queue.Busy)} / {Words.Count(Queue.Routees)}" : "none";

    public string Shape => $"{Name}/{Condition}/{Level}/{Served}/{Queue.IsOverridden}/{Limits(Queue.Limits)}";

    public ChartModel Spark => ChartModel.Timed(Key("spark"), ChartKind.Sparkline, $"Jobs of queue {Name} that ended, per second", ChartUnit.PerSecond, Until, new ChartSeries("ended", Flow.Out));

    /// <summary>The limits in words; "" without any.</summary>
    public static string Limits(QueueLimits limits) => string.Join(", ", Parts(limits));

    public void AddTo(LiveValues values)
    {
        values[Key("waiting")] = Words.Count(Waiting);
        values[Key("oldest")] = Words.Duration(Queue.OldestWaiting);
        values[Key("running")] = RunningText;
        values[Key("routees")] = RouteesText;
        if (Served) values[Key("gauge") + "@value"] = Queue.Busy.ToString(CultureInfo.InvariantCulture);
        values[Key("in")] = Words.Rate(Flow.InPerSecond);
        values[Key("out")] = Words.Rate(Flow.OutPerSecond);
        values[Key("later")] = Words.Count(Scheduled + Retrying);
    }

    private static IEnumerable<string> Parts(QueueLimits limits)
    {
        if (limits.Concurrency > 0) yield return $"{Words.Count(limits.Concurrency)} at once";
        if (!limits.Rate.IsNone) yield return RateWords(limits.Rate);
        if (limits.KeyConcurrency > 0) yield return $"{Words.Count(limits.KeyConcurrency)} at once per key";
        if (!limits.KeyRate.IsNone) yield return $"{RateWords(limits.KeyRate)} per key";
    }

    public static string RateWords(Rate rate) => rate.Per == TimeSpan.FromSeconds(1) ? $"{Words.Count(rate.Limit)} a second" : $"{Words.Count(rate.Limit)} in {Words.Duration(rate.Per)}";

    private static (string Condition, Level Level) ConditionOf(QueueView queue) => queue switch
    {
        { Paused: true } => ("paused", Level.Notice),
        { Routees: 0 } => ("no node serves this queue", Health.Waiting(queue) > 0 ? Level.Bad : Level.Notice),
        _ when queue.OldestWaiting > Health.LongWait => ("behind", Level.Notice),
        _ => ("", Level.Good),
    };
}
