using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <param name="Next">Address of the page behind; null at the end.</param>
/// <param name="After">The last of the page before; null on the first.</param>
public sealed record SchedulesModel(IReadOnlyList<ScheduleLine> Lines, string? Next, string? After)
{
    public bool IsLater => After is not null;

    public string Shape => Shapes.Of([.. Lines.Select(line => line.Shape), Next ?? ""]);

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var line in Lines) line.AddTo(values);
        return new LiveState { Shape = Shape, Values = values };
    }
}

/// <param name="Ticks">Newest first.</param>
public sealed record ScheduleLine(Schedule Schedule, IReadOnlyList<TickLine> Ticks)
{
    /// <summary>Key of one of its cells among the live values.</summary>
    public string Key(string cell) => $"schedule-{Schedule.Name}-{cell}";

    public string Shape => string.Join('\t', Schedule.Name, Words.Exact(Schedule.UpdatedAt), Schedule.Definition.Paused, Schedule.Error, Schedule.Next is null, Ticks.Count);

    public void AddTo(LiveValues values)
    {
        values.AddMoment(Key("next"), Schedule.Next);
        TickLine.AddTo(values, Key("ticks"), Ticks);
        if (Ticks.Count == 0) return;
        values[Key("last")] = Ticks[0].Word;
        values[Key("last") + "@data-state"] = Ticks[0].Tone;
    }
}

/// <summary>A tick, and what became of its job.</summary>
/// <param name="State">Null where there is no job, or it is kept no more.</param>
public sealed record TickLine(ScheduleTick Tick, JobState? State)
{
    /// <summary>The colour and icon that tell it.</summary>
    public string Tone => State?.Word ?? Tick.Outcome switch { ScheduleOutcome.Refused => "failed", ScheduleOutcome.Skipped => "held", _ => "queued" };

    public string Word => State?.Word ?? (Tick.Outcome == ScheduleOutcome.Submitted ? "pruned" : Tick.Outcome.Word);

    public string Title => $"{Words.Exact(Tick.At)}: {Word}{(Tick.Reason is { } why ? $", {why}" : "")}";

    /// <summary>The end of its job's id; "" without one.</summary>
    public string Job => Tick.Job is { } job ? $"…{job.ToString()[^8..]}" : "";

    /// <summary>Key of its row.</summary>
    public string RowKey => Tick.At.UtcTicks.ToString(CultureInfo.InvariantCulture);

    /// <summary>Several in words: how many became what.</summary>
    public static string Told(IReadOnlyList<TickLine> ticks) =>
        ticks.Count == 0 ? "No tick yet" : string.Join(", ", ticks.GroupBy(tick => tick.Word).Select(group => $"{group.Count()} {group.Key}"));

    /// <summary>Key of a mark of a strip, counted from the oldest.</summary>
    public static string Key(string strip, int place) => string.Create(CultureInfo.InvariantCulture, $"{strip}-{place}");

    /// <summary>A strip among the live values.</summary>
    /// <param name="ticks">Newest first.</param>
    public static void AddTo(LiveValues values, string strip, IReadOnlyList<TickLine> ticks)
    {
        values[strip + "@aria-label"] = Told(ticks);
        for (var i = 0; i < ticks.Count; i++)
        {
            values[Key(strip, i) + "@data-state"] = ticks[^(i + 1)].Tone;
            values[Key(strip, i) + "@title"] = ticks[^(i + 1)].Title;
        }
    }

    public LiveRow Live(Links links)
    {
        var cells = new LiveValues { ["word"] = Word, ["word@data-state"] = Tone, ["reason"] = Tick.Reason ?? "", ["job"] = Job };
        cells.AddMoment("at", Tick.At);
        if (Tick.Job is { } job) cells["job@href"] = links.Job(job);
        return new LiveRow(RowKey, cells);
    }
}

/// <param name="Next">The next ticks, with the zone's offset; empty while it is paused.</param>
public sealed record ScheduleModel(Schedule Schedule, IReadOnlyList<TickLine> Ticks, IReadOnlyList<DateTimeOffset> Next)
{
    public string Shape => Shapes.Of(Words.Exact(Schedule.UpdatedAt), $"{Schedule.Definition.Paused}", Schedule.Error ?? "", $"{Schedule.IsStored}", $"{Ticks.Count}", $"{Next.Count}");

    /// <summary>Key of one of the next ticks among the live values.</summary>
    public static string NextKey(int place) => string.Create(CultureInfo.InvariantCulture, $"next-{place}");

    public LiveState Live(Links links)
    {
        var values = new LiveValues();
        TickLine.AddTo(values, "ticks", Ticks);
        for (var i = 0; i < Next.Count; i++)
        {
            values.AddMoment(NextKey(i), Next[i]);
            values[NextKey(i) + "-told"] = SchedulePreview.Told(Next[i]);
        }
        return new LiveState { Shape = Shape, Values = values, Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["ticks"] = [.. Ticks.Select(tick => tick.Live(links))] } };
    }
}

/// <summary>When an expression would fire, in words and times; or why it cannot be read.</summary>
internal sealed record SchedulePreview(string? Words, IReadOnlyList<string> Ticks, string? Fault)
{
    private const int Count = 5;

    public static SchedulePreview Of(ISchedules schedules, string? cron, string? timeZone) =>
        string.IsNullOrWhiteSpace(cron) ? new SchedulePreview(null, [], null)
        : schedules.Preview(cron.Trim(), string.IsNullOrWhiteSpace(timeZone) ? "UTC" : timeZone.Trim(), Count) switch
        {
            PreviewReply.Done(var words, var ticks) => new SchedulePreview(words, [.. ticks.Select(Told)], null),
            PreviewReply.Refused(var refusal) => new SchedulePreview(null, [], refusal.Faults.Count > 0 ? string.Join(' ', refusal.Faults.Select(fault => fault.Message)) : refusal.Detail),
            _ => new SchedulePreview(null, [], null),
        };

    /// <summary>As the clocks of its zone show it.</summary>
    public static string Told(DateTimeOffset tick) => tick.ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
