using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A queue as the tables show it.</summary>
/// <param name="Served">Some pool of this node takes its jobs.</param>
/// <param name="Condition">What stands in its way, in words; "" when nothing does.</param>
/// <param name="Link">Its waiting jobs.</param>
public sealed record QueueLine(
    string Name, long Waiting, TimeSpan? Oldest, long Running, int Routees, int Busy, long Scheduled, long Retrying, bool Paused, bool Served, int Concurrency,
    string Condition, Level Level, string Link)
{
    public static QueueLine From(QueueView queue, Links links)
    {
        var waiting = Health.Waiting(queue);
        var (condition, level) = ConditionOf(queue, waiting);
        return new QueueLine(
            queue.Name, waiting, queue.OldestWaiting, Health.Running(queue), queue.Routees, queue.Busy, Health.Of(queue, JobState.Scheduled) + Health.Of(queue, JobState.Held),
            Health.Of(queue, JobState.Retrying), queue.Paused, queue.Routees > 0, queue.Concurrency, condition, level, links.To("jobs", "queue", queue.Name));
    }

    /// <summary>Key of one of its cells among the live values.</summary>
    public string Key(string cell) => $"queue-{Name}-{cell}";

    public string RunningText => Concurrency > 0 ? $"{Words.Count(Running)} of {Words.Count(Concurrency)}" : Words.Count(Running);

    public string RouteesText => Served ? $"{Words.Count(Busy)} / {Words.Count(Routees)}" : "none";

    public string Shape => $"{Name}/{Condition}/{Level}/{Served}";

    public void AddTo(LiveValues values)
    {
        values[Key("waiting")] = Words.Count(Waiting);
        values[Key("oldest")] = Words.Duration(Oldest);
        values[Key("running")] = RunningText;
        values[Key("routees")] = RouteesText;
        values[Key("gauge") + "@value"] = Busy.ToString(System.Globalization.CultureInfo.InvariantCulture);
        values[Key("scheduled")] = Words.Count(Scheduled);
        values[Key("retrying")] = Words.Count(Retrying);
    }

    private static (string Condition, Level Level) ConditionOf(QueueView queue, long waiting) => queue switch
    {
        { Paused: true } => ("paused", Level.Notice),
        { Routees: 0 } => ("no node serves this queue", waiting > 0 ? Level.Bad : Level.Notice),
        _ when queue.OldestWaiting > Health.LongWait => ("behind", Level.Notice),
        _ => ("", Level.Good),
    };
}
