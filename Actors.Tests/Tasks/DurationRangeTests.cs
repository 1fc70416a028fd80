using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class DurationRangeTests
{
    [Theory]
    [InlineData("0s", true)]
    [InlineData("1d", true)]
    [InlineData("1d1s", false)]
    public void Both_ends_belong_to_it(string duration, bool fits)
    {
        Assert.True(Durations.TryParse(duration, out var value));
        Assert.Equal(fits, new DurationRangeAttribute("0s", "1d").IsValid(value));
    }

    [Fact]
    public void The_first_checks_may_come_all_at_once()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var range = new DurationRangeAttribute("0s", "1d");
            var wrong = 0;
            Parallel.For(0, 4, _ =>
            {
                if (!range.IsValid(TimeSpan.FromSeconds(3))) Interlocked.Increment(ref wrong);
            });
            Assert.Equal(0, wrong);
        }
    }
}
