using System.Globalization;
using System.Text;
using ActorPerf.Web.Wire;

namespace ActorPerf.Tests.Web.Wire;

public sealed class WireTimeTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(10_000_000, "1")]
    [InlineData(12_500_000, "1.25")]
    [InlineData(10, "0.000001")]
    [InlineData(5, "0.000001")]
    [InlineData(4, "0")]
    [InlineData(9_999_999, "1")]
    [InlineData(600_000_010, "60.000001")]
    [InlineData(-15_000_000, "-1.5")]
    [InlineData(long.MinValue, "-922337203685.477581")]
    [InlineData(long.MaxValue, "922337203685.477581")]
    public void A_duration_is_written_in_seconds_to_the_microsecond(long ticks, string expected)
    {
        Span<byte> text = stackalloc byte[24];
        var length = WireTime.FormatSeconds(TimeSpan.FromTicks(ticks), TimeSpan.TicksPerMicrosecond, text);
        Assert.Equal(expected, Encoding.ASCII.GetString(text[..length]));
    }

    [Theory]
    [InlineData("2026-11-21T10:00:00Z", true)]
    [InlineData("2026-11-21t10:00:00.1234567z", true)]
    [InlineData("2026-11-21T12:00:00.5+02:00", true)]
    [InlineData("2026-11-21T10:00:00-00:00", true)]
    [InlineData("2026-11-21T10:00:00", false)]
    [InlineData("2026-11-21T10:00:00.5", false)]
    [InlineData("2026-11-21T10:00:00.123456", false)]
    [InlineData("2026-11-21T10:00:00.", false)]
    [InlineData("2026-11-21T10:00:00+0200", false)]
    [InlineData("2026-11-21 10:00:00Z", false)]
    public void A_time_has_a_zone(string text, bool taken)
    {
        Assert.Equal(taken, WireTime.TryParse(text, out var time));
        if (taken) Assert.Equal((TimeSpan.Zero, 10), (time.Offset, time.Hour));
    }

    [Fact]
    public void A_duration_reads_back_as_what_was_written()
    {
        var random = new Random(7);
        Span<byte> text = stackalloc byte[24];
        for (var i = 0; i < 10_000; i++)
        {
            var duration = TimeSpan.FromTicks(random.NextInt64(0, 1L << random.Next(1, 50)));
            var length = WireTime.FormatSeconds(duration, TimeSpan.TicksPerMillisecond, text);
            var seconds = decimal.Parse(Encoding.ASCII.GetString(text[..length]), CultureInfo.InvariantCulture);
            Assert.InRange(Math.Abs(seconds - (decimal)duration.Ticks / TimeSpan.TicksPerSecond), 0, 0.0005m);
        }
    }
}
