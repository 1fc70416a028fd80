using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconUnitsTests
{
    [Theory]
    [InlineData("500ms", 5_000_000)]
    [InlineData("30s", 300_000_000)]
    [InlineData("5m", 3_000_000_000)]
    [InlineData("1h30m", 54_000_000_000)]
    [InlineData("1h 30m", 54_000_000_000)]
    [InlineData("1d2h3m4s5ms6us", 937_840_050_060)]
    [InlineData("7d", 6_048_000_000_000)]
    [InlineData("10 seconds", 100_000_000)]
    [InlineData(" 10 s ", 100_000_000)]
    [InlineData("1 minute", 600_000_000)]
    [InlineData("1.5h", 54_000_000_000)]
    [InlineData("0.1s", 1_000_000)]
    [InlineData("100ns", 1)]
    [InlineData("0s", 0)]
    [InlineData("1 nanosecond 0ns", -1)]
    [InlineData("1 micros", 10)]
    [InlineData("2 days", 1_728_000_000_000)]
    [InlineData("9223372036854775807 ns", -1)]
    [InlineData("9223372036854775800 ns", 92_233_720_368_547_758)]
    [InlineData("10675199d", 9_223_371_936_000_000_000)]
    public void Durations_are_exact(string text, long ticks) =>
        Assert.Equal(ticks, HoconDuration.TryParse(text, out var duration) ? duration.Ticks : -1);

    [Theory]
    [InlineData("10")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData("s")]
    [InlineData("-5m")]
    [InlineData("+5m")]
    [InlineData("1e9h")]
    [InlineData("∞")]
    [InlineData("infinite")]
    [InlineData("10S")]
    [InlineData("10 sec")]
    [InlineData("1.s")]
    [InlineData(".5s")]
    [InlineData("1,5s")]
    [InlineData("50ns")]
    [InlineData("30m1h")]
    [InlineData("1m1m")]
    [InlineData("5m x")]
    [InlineData("٣s")]
    [InlineData("10675200d")]
    [InlineData("99999999999999999999999999999999999999999999h")]
    public void Other_durations_are_refused(string? text) => Assert.False(HoconDuration.TryParse(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1_048_576)]
    [InlineData("10 B", 10)]
    [InlineData("10 bytes", 10)]
    [InlineData("10 MB", 10_000_000)]
    [InlineData("10 MiB", 10_485_760)]
    [InlineData("256 MiB", 268_435_456)]
    [InlineData("64k", 65_536)]
    [InlineData("64K", 65_536)]
    [InlineData("64kB", 64_000)]
    [InlineData("64Ki", 65_536)]
    [InlineData("1 kibibyte", 1_024)]
    [InlineData("2 kilobytes", 2_000)]
    [InlineData("1.5 MiB", 1_572_864)]
    [InlineData("1G", 1_073_741_824)]
    [InlineData("1 TB", 1_000_000_000_000)]
    [InlineData("7E", 8_070_450_532_247_928_832)]
    public void Sizes_are_exact(string text, long bytes)
    {
        Assert.True(HoconSize.TryParse(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1 KB")]
    [InlineData("1 mb")]
    [InlineData("0.5")]
    [InlineData("1e3")]
    [InlineData("8E")]
    [InlineData("1 YiB")]
    [InlineData("1M1k")]
    [InlineData("10 MiBs")]
    public void Other_sizes_are_refused(string text) => Assert.False(HoconSize.TryParse(text, out _));

    [Theory]
    [InlineData("1h30m")]
    [InlineData("7d")]
    [InlineData("0s")]
    [InlineData("1.5ms")]
    [InlineData("2d3h4m5s6.0001ms")]
    public void Durations_are_written_as_they_are_read(string text)
    {
        Assert.True(HoconDuration.TryParse(text, out var duration));
        Assert.Equal(text, HoconDuration.Format(duration));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1000, "1000 B")]
    [InlineData(65_536, "64 KiB")]
    [InlineData(268_435_456, "256 MiB")]
    public void Sizes_are_written_in_the_largest_unit_that_fits(long bytes, string text) => Assert.Equal(text, HoconSize.Format(bytes));
}
