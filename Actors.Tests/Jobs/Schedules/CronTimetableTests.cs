using System.Globalization;
using ActorPerf.Jobs.Schedules;

namespace ActorPerf.Tests.Jobs.Schedules;

public sealed class CronTimetableTests
{
    [Theory]
    // Berlin goes from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("15,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:15:00Z")]
    [InlineData("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T01:00:00Z")]
    [InlineData("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z")]
    [InlineData("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z 2026-03-29T02:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z")]
    [InlineData("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-26T01:00:00Z")]
    [InlineData("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00Z")]
    // New York goes from 02:00 to 03:00 on 2026-03-08 and from 02:00 back to 01:00 on 2026-11-01.
    [InlineData("30 2 8 3 *", "America/New_York", "2026-01-01T00:00:00Z", "2026-03-08T07:00:00Z 2027-03-08T07:30:00Z")]
    [InlineData("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z")]
    [InlineData("0,30 1-2 * * *", "America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T05:00:00Z 2026-11-01T05:30:00Z 2026-11-01T07:00:00Z 2026-11-01T07:30:00Z")]
    // Lord Howe shifts by half an hour: from 02:00 to 02:30 on 2026-10-04, from 02:00 back to 01:30 on 2026-04-05.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z")]
    [InlineData("15 * * * *", "Australia/Lord_Howe", "2026-10-03T14:30:00Z", "2026-10-03T14:45:00Z 2026-10-03T16:15:00Z")]
    // A whole day that a place left out.
    [InlineData("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z")]
    [InlineData("30 2 29 2 *", "Europe/Berlin", "2026-01-01T00:00:00Z", "2028-02-29T01:30:00Z")]
    [InlineData("0 0 L * *", "UTC", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z 2028-03-31T00:00:00Z 2028-04-30T00:00:00Z")]
    [InlineData("0 0 L-2 * *", "UTC", "2026-02-01T00:00:00Z", "2026-02-26T00:00:00Z 2026-03-29T00:00:00Z")]
    [InlineData("0 0 LW * *", "UTC", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z 2026-06-30T00:00:00Z")]
    [InlineData("0 0 1W * *", "UTC", "2026-07-15T00:00:00Z", "2026-08-03T00:00:00Z 2026-09-01T00:00:00Z")]
    [InlineData("0 0 15W * *", "UTC", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00Z 2026-09-15T00:00:00Z")]
    [InlineData("0 0 31W * *", "UTC", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z 2026-07-31T00:00:00Z")]
    [InlineData("0 0 * * FRI#2", "UTC", "2026-11-01T00:00:00Z", "2026-11-13T00:00:00Z 2026-12-11T00:00:00Z")]
    [InlineData("0 0 * * 5L", "UTC", "2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z 2026-12-25T00:00:00Z")]
    [InlineData("0 0 13 * FRI", "UTC", "2026-11-08T00:00:00Z", "2026-11-13T00:00:00Z 2026-11-20T00:00:00Z")]
    [InlineData("0 0 */2 * FRI", "UTC", "2026-11-08T00:00:00Z", "2026-11-13T00:00:00Z 2026-11-27T00:00:00Z")]
    [InlineData("0 0 * * 7", "UTC", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z")]
    [InlineData("0 23-1 * * *", "UTC", "2026-11-22T00:30:00Z", "2026-11-22T01:00:00Z 2026-11-22T23:00:00Z 2026-11-23T00:00:00Z")]
    [InlineData("0 0 * * FRI-MON", "UTC", "2026-11-23T12:00:00Z", "2026-11-27T00:00:00Z 2026-11-28T00:00:00Z")]
    [InlineData("*/20 59 23 31 12 *", "UTC", "2026-01-01T00:00:00Z", "2026-12-31T23:59:00Z 2026-12-31T23:59:20Z 2026-12-31T23:59:40Z 2027-12-31T23:59:00Z")]
    [InlineData("@weekly", "Asia/Kathmandu", "2026-11-22T00:00:00Z", "2026-11-28T18:15:00Z")]
    public void Ticks_come_when_the_clocks_of_the_zone_say_so(string cron, string zone, string after, string expected)
    {
        var timetable = Timetable(cron, zone);
        var ticks = new List<string>();
        for (var at = At(after); ticks.Count < expected.Split(' ').Length;)
        {
            at = timetable.Next(at)!.Value;
            ticks.Add(at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
        Assert.Equal(expected, string.Join(' ', ticks));
    }

    [Fact]
    public void Every_tick_is_one_that_stepping_through_every_minute_finds()
    {
        var random = new Random(5);
        string[] zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata", "America/Sao_Paulo"];
        string[] changes = ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-02-28", "2028-02-29"];
        for (var round = 0; round < FullRun.Of(400, 100); round++)
        {
            var text = $"{Field(random, 0, 59)} {Field(random, 0, 23)} {Field(random, 1, 28, likelyAny: true)} {Field(random, 1, 12, likelyAny: true)} {Field(random, 0, 6, likelyAny: true)}";
            var zone = zones[random.Next(zones.Length)];
            var from = At(changes[random.Next(changes.Length)] + "T00:00:00Z").AddMinutes(-random.Next(1500));
            var until = from.AddMinutes(2_000);
            var timetable = Timetable(text, zone);
            var found = timetable.Between(from, until).ToList();
            Assert.True(CronOracle.Between(text, timetable.Zone, from, until).SequenceEqual(found), $"round {round}: '{text}' in {zone} from {from:O}");
            Assert.Equal(found.TakeLast(7), timetable.Newest(7, from, until));
        }
    }

    [Fact]
    public void Seconds_are_found_by_stepping_too()
    {
        var random = new Random(6);
        for (var round = 0; round < FullRun.Of(60, 20); round++)
        {
            var text = $"{Field(random, 0, 59)} {Field(random, 0, 59)} {Field(random, 0, 23, likelyAny: true)} * * *";
            var from = At("2026-10-25T00:00:00Z").AddSeconds(-random.Next(3000));
            var timetable = Timetable(text, "Europe/Berlin");
            Assert.True(CronOracle.Between(text, timetable.Zone, from, from.AddSeconds(9_000)).SequenceEqual(timetable.Between(from, from.AddSeconds(9_000))), $"round {round}: '{text}' from {from:O}");
        }
    }

    [Theory]
    [InlineData("0 0 30 2 *", "'0 0 30 2 *' never fires: no day of the month '30' in month '2'.")]
    [InlineData("0 0 31 4,6 *", "'0 0 31 4,6 *' never fires: no day of the month '31' in month '4,6'.")]
    [InlineData("60 * * * *", "minute '60' is outside 0 to 59.")]
    [InlineData("* 24 * * *", "hour '24' is outside 0 to 23.")]
    [InlineData("* * 0 * *", "day of the month '0' is outside 1 to 31.")]
    [InlineData("* * * 13 *", "month '13' is outside 1 to 12.")]
    [InlineData("* * * * 8", "day of the week '8' is outside 0 to 7.")]
    [InlineData("* * * * FREITAG", "day of the week 'FREITAG' is no value: use 0 to 7 or SUN to SAT, lists (a,b), ranges (a-b), steps (*/n).")]
    [InlineData("*/0 * * * *", "minute '*/0': a step is a whole number from 1 to 59.")]
    [InlineData("* * * *", "'* * * *' has 4 fields; write five (minute, hour, day of the month, month, day of the week), or six with seconds first.")]
    [InlineData("", "'' has 0 fields; write five (minute, hour, day of the month, month, day of the week), or six with seconds first.")]
    [InlineData("1, * * * *", "minute '' is no value: use 0 to 59, lists (a,b), ranges (a-b), steps (*/n).")]
    [InlineData("* * * * FRI#6", "day of the week 'FRI#6': behind # stands 1 to 5, such as FRI#2.")]
    [InlineData("* * L-31 * *", "day of the month 'L-31': write L-n with n from 0 to 30.")]
    [InlineData("@reboot", "'@reboot' is unknown; there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.")]
    public void What_cannot_fire_is_refused_with_its_field(string text, string fault)
    {
        Assert.False(CronExpression.TryParse(text, out _, out var told));
        Assert.Equal(fault, told);
    }

    [Fact]
    public void Random_texts_are_read_or_refused_and_never_throw()
    {
        var random = new Random(7);
        const string Characters = "0123456789*/-,LW#?@ MONJAN";
        for (var round = 0; round < 5_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => Characters[random.Next(Characters.Length)]));
            if (CronExpression.TryParse(text, out var cron, out var fault)) Assert.NotNull(new CronTimetable(cron, TimeZoneInfo.Utc).Next(At("2026-01-01T00:00:00Z")));
            else Assert.NotEmpty(fault);
        }
    }

    [Theory]
    [InlineData("30 2 * * MON", "Europe/Berlin", "At 02:30 on Monday, Europe/Berlin")]
    [InlineData("0 2 * * *", "UTC", "At 02:00 every day, UTC")]
    [InlineData("0 9,17 * * 1-5", "UTC", "At 09:00 and 17:00 on Monday to Friday, UTC")]
    [InlineData("* * * * *", "UTC", "Every minute, UTC")]
    [InlineData("*/5 * * * *", "UTC", "Every 5 minutes, UTC")]
    [InlineData("*/5 9-17 * * *", "UTC", "Every 5 minutes of hours 9 to 17, UTC")]
    [InlineData("0 * * * *", "UTC", "Every hour, UTC")]
    [InlineData("15,45 * * * *", "UTC", "At minutes 15 and 45 of every hour, UTC")]
    [InlineData("0 */2 * * *", "UTC", "Every 2 hours, UTC")]
    [InlineData("10 */2 * * *", "UTC", "At minute 10 of every second hour, UTC")]
    [InlineData("*/10 * * * * *", "UTC", "Every 10 seconds, UTC")]
    [InlineData("15 30 2 * * *", "UTC", "At 02:30:15 every day, UTC")]
    [InlineData("0 0 L 2 *", "UTC", "At 00:00 on the last day of the month in February, UTC")]
    [InlineData("0 0 * * FRI#2", "UTC", "At 00:00 on the second Friday of the month, UTC")]
    [InlineData("0 0 13 * FRI", "UTC", "At 00:00 on day 13 of the month or on Friday, UTC")]
    [InlineData("0 0 1,15 JAN,JUL *", "UTC", "At 00:00 on days 1 and 15 of the month in January and July, UTC")]
    public void An_expression_is_told_in_words(string cron, string zone, string words)
    {
        var timetable = Timetable(cron, zone);
        Assert.Equal(words, CronWords.Of(timetable.Cron, timetable.Zone));
    }

    [Theory]
    [InlineData("Europe/Berln", "Europe/Berlin")]
    [InlineData("berlin", "Europe/Berlin")]
    [InlineData("new york", "America/New_York")]
    public void An_unknown_zone_is_refused_with_the_nearest(string name, string nearest)
    {
        Assert.False(TimeZones.TryFind(name, out _, out var fault));
        Assert.Equal($"'{name}' is no time zone that this machine knows. Did you mean '{nearest}'?", fault);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_name_of_a_zone_is_refused(string? name) => Assert.False(TimeZones.TryFind(name, out _, out _));

    private static CronTimetable Timetable(string cron, string zone)
    {
        Assert.True(CronExpression.TryParse(cron, out var read, out var fault), fault);
        Assert.True(TimeZones.TryFind(zone, out var found, out var unknown), unknown);
        return new CronTimetable(read, found);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Field(Random random, int least, int most, bool likelyAny = false) => random.Next(likelyAny ? 12 : 6) switch
    {
        0 => $"{random.Next(least, most + 1)},{random.Next(least, most + 1)}",
        1 => $"*/{random.Next(1, Math.Min(20, most))}",
        2 => $"{random.Next(least, (least + most) / 2)}-{random.Next((least + most) / 2, most + 1)}/{random.Next(1, 5)}",
        3 or 4 => $"{random.Next(least, most + 1)}",
        _ => "*",
    };
}
