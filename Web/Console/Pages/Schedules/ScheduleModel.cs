using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;

namespace ActorPerf.Web.Console.Pages;

/// <param name="IsLater">Not the first page.</param>
public sealed record SchedulesModel(IReadOnlyList<ScheduleLine> Lines, string? Next, bool IsLater);

/// <param name="Ticks">Newest first.</param>
public sealed record ScheduleLine(Schedule Schedule, IReadOnlyList<TickLine> Ticks);

/// <summary>A tick, and what became of its job.</summary>
/// <param name="State">Null where there is no job, or it is kept no more.</param>
public sealed record TickLine(ScheduleTick Tick, JobState? State)
{
    /// <summary>The colour and icon that tell it.</summary>
    public string Tone => State?.Word ?? Tick.Outcome switch { ScheduleOutcome.Refused => "failed", ScheduleOutcome.Skipped => "held", _ => "queued" };

    public string Word => State?.Word ?? (Tick.Outcome == ScheduleOutcome.Submitted ? "pruned" : Tick.Outcome.Word);

    public string Title => $"{Words.Exact(Tick.At)}: {Word}{(Tick.Reason is { } why ? $", {why}" : "")}";
}

/// <param name="Next">The next ticks, with the zone's offset; empty while it is paused.</param>
public sealed record ScheduleModel(Schedule Schedule, IReadOnlyList<TickLine> Ticks, IReadOnlyList<DateTimeOffset> Next);

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
