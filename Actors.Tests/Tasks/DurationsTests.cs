using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("5s", 5_000)]
    [InlineData("1500ms", 1_500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0s", 0)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    public void A_duration_is_read(string text, double milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("30m1h")]
    [InlineData("5s5s")]
    [InlineData("5S")]
    [InlineData("5x")]
    [InlineData(".5s")]
    [InlineData("5.s")]
    [InlineData("1e3s")]
    [InlineData("99999999999d")]
    [InlineData("10675199.9d")]
    [InlineData("10675199d23h")]
    [InlineData("99999999999999999999999s")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void Every_duration_has_one_spelling_that_reads_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var duration = new TimeSpan(random.NextInt64(0, 1L << random.Next(1, 63)));
            Assert.True(Durations.TryParse(Durations.Format(duration), out var back), Durations.Format(duration));
            Assert.Equal(duration, back);
        }
        Assert.Equal("1h30m", Durations.Format(TimeSpan.FromMinutes(90)));
        Assert.Equal("0s", Durations.Format(TimeSpan.Zero));
        Assert.True(Durations.TryParse(Durations.Format(TimeSpan.MaxValue), out var most));
        Assert.Equal(TimeSpan.MaxValue, most);
    }
}
