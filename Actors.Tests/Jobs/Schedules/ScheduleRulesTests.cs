using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Schedules;

public sealed class ScheduleRulesTests
{
    private const string Hourly = "0 * * * *";
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    // On time: within a minute.
    [InlineData(ScheduleMisfire.One, 100, "11:30", "12:00:10", "12:00", null)]
    [InlineData(ScheduleMisfire.Skip, 100, "11:30", "12:00:59", "12:00", null)]
    [InlineData(ScheduleMisfire.All, 100, "11:30", "11:59:59", "", null)]
    // Missed ones, and none on time.
    [InlineData(ScheduleMisfire.One, 100, "08:30", "12:30:00", "12:00", "3 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T11:00:00Z; misfire: one")]
    [InlineData(ScheduleMisfire.Skip, 100, "08:30", "12:30:00", "", "4 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T12:00:00Z; misfire: skip")]
    [InlineData(ScheduleMisfire.All, 100, "08:30", "12:30:00", "09:00 10:00 11:00 12:00", null)]
    [InlineData(ScheduleMisfire.All, 2, "08:30", "12:30:00", "11:00 12:00", "2 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T10:00:00Z; misfire: all")]
    [InlineData(ScheduleMisfire.One, 100, "11:30", "12:01:01", "12:00", null)]
    [InlineData(ScheduleMisfire.Skip, 100, "11:30", "12:01:01", "", "a tick was missed at 2026-06-01T12:00:00Z; misfire: skip")]
    // Missed ones before one that is on time.
    [InlineData(ScheduleMisfire.One, 100, "08:30", "12:00:30", "12:00", "3 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T11:00:00Z; misfire: one")]
    [InlineData(ScheduleMisfire.Skip, 100, "08:30", "12:00:30", "12:00", "3 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T11:00:00Z; misfire: skip")]
    [InlineData(ScheduleMisfire.All, 1, "08:30", "12:00:30", "11:00 12:00", "2 ticks were missed from 2026-06-01T09:00:00Z to 2026-06-01T10:00:00Z; misfire: all")]
    // The clock was set back behind what was handled.
    [InlineData(ScheduleMisfire.All, 100, "12:00", "10:30:00", "", null)]
    public void INV_24_missed_ticks_follow_the_policy(ScheduleMisfire misfire, int limit, string cursor, string now, string fired, string? skipped)
    {
        var plan = ScheduleRules.Plan(Timetable(Hourly), Definition(Hourly) with { Misfire = misfire, MisfireLimit = limit }, At(cursor), At(now));
        Assert.Equal(fired, string.Join(' ', plan.Fire.Select(tick => tick.ToString("HH:mm", CultureInfo.InvariantCulture))));
        Assert.Equal(skipped, plan.Skipped?.Reason);
    }

    [Fact]
    public void INV_24_a_year_of_seconds_is_skipped_in_no_time()
    {
        var plan = ScheduleRules.Plan(Timetable("* * * * * *"), Definition("* * * * * *") with { Misfire = ScheduleMisfire.All, MisfireLimit = 10 }, Noon.AddYears(-1), Noon);
        Assert.Equal(10 + 60, plan.Fire.Count);
        Assert.Equal(Noon - ScheduleRules.Grace - TimeSpan.FromSeconds(10), plan.Skipped!.At);
        Assert.StartsWith("more than 1000 ticks were missed", plan.Skipped.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_due_tick_is_fired_or_counted_as_skipped_and_never_both()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var timetable = Timetable(random.Next(2) == 0 ? "*/7 * * * *" : "5,20 */3 * * *");
            var (cursor, now) = (Noon.AddSeconds(-random.Next(200_000)), Noon.AddSeconds(random.Next(7_200)));
            var definition = Definition(timetable.Cron.Text) with { Misfire = (ScheduleMisfire)random.Next(3), MisfireLimit = random.Next(1, 6) };
            var plan = ScheduleRules.Plan(timetable, definition, cursor, now);
            var due = timetable.Between(cursor, now).ToList();
            var skipped = plan.Skipped is { } last ? due.Count(tick => tick <= last.At) : 0;
            Assert.Equal(due, [.. due.Take(skipped), .. plan.Fire]);
        }
    }

    [Fact]
    public void A_paused_schedule_has_nothing_due() =>
        Assert.Same(SchedulePlan.Nothing, ScheduleRules.Plan(Timetable(Hourly), Definition(Hourly) with { Paused = true }, Noon.AddDays(-1), Noon));

    [Fact]
    public void INV_23_the_id_of_a_tick_is_the_same_for_whoever_makes_it()
    {
        var id = ScheduleIds.Of(Namespace.Default, "nightly", Noon);
        Assert.Equal(id, ScheduleIds.Of(Namespace.Default, "nightly", Noon));
        Assert.Equal("019e830e-1a00", id.ToString()[..13]);
        Assert.Equal(7, id.Value.Version);
        Assert.Equal(JobId.TryParse(id.ToString(), out var read) ? read : default, id);
        JobId[] others = [ScheduleIds.Of(Namespace.Default, "nightly", Noon.AddSeconds(1)), ScheduleIds.Of(Namespace.Default, "daily", Noon), ScheduleIds.Of(Namespace.Parse("other"), "nightly", Noon)];
        Assert.DoesNotContain(id, others);
        Assert.Equal(3, others.Distinct().Count());
    }

    [Fact]
    public void Jitter_is_spread_over_its_length_and_the_same_at_every_repeat()
    {
        var most = TimeSpan.FromMinutes(10);
        var delays = Enumerable.Range(0, 1_000).Select(hour => ScheduleIds.Jitter(Namespace.Default, "nightly", Noon.AddHours(hour), most)).ToList();
        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, most));
        Assert.InRange(delays.Average(delay => delay.TotalMinutes), 4.5, 5.5);
        Assert.Equal(delays[7], ScheduleIds.Jitter(Namespace.Default, "nightly", Noon.AddHours(7), most));
        Assert.Equal(TimeSpan.Zero, ScheduleIds.Jitter(Namespace.Default, "nightly", Noon, TimeSpan.Zero));
    }

    private static ScheduleDefinition Definition(string cron) => new() { Cron = cron, Task = "held" };

    private static CronTimetable Timetable(string cron) => CronExpression.TryParse(cron, out var read, out var fault) ? new CronTimetable(read, TimeZoneInfo.Utc) : throw new FormatException(fault);

    private static DateTimeOffset At(string time) => Noon.Date + TimeSpan.Parse(time, CultureInfo.InvariantCulture) is var local ? new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc)) : default;
}
