using ActorPerf.Jobs;

namespace ActorPerf.Tests.Jobs;

public sealed class RateWindowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Rate TenASecond = new(10, TimeSpan.FromSeconds(1));

    [Fact]
    public void A_rate_is_never_exceeded_in_any_stretch_and_is_nearly_reached()
    {
        var random = new Random(7);
        var window = new RateWindow();
        var starts = new List<DateTimeOffset>();
        var now = Noon;
        for (var i = 0; i < 20_000; i++)
        {
            now += TimeSpan.FromMicroseconds(random.Next(10_000));
            for (var n = random.Next(4); n > 0 && window.Free(TenASecond, now) > 0; n--)
            {
                window.Take(TenASecond, now);
                starts.Add(now);
            }
        }
        for (var i = 10; i < starts.Count; i++) Assert.True(starts[i] - starts[i - 10] >= TenASecond.Per, $"start {i}");
        Assert.InRange(starts.Count / (now - Noon).TotalSeconds, 9.7, 10.1);
    }

    [Fact]
    public void It_survives_being_written_and_read()
    {
        var window = new RateWindow();
        for (var i = 0; i < 7; i++) window.Take(TenASecond, Noon.AddMilliseconds(100 * i));
        var read = RateWindow.Read(window.Write());
        Assert.Equal(window.Write(), read.Write());
        Assert.Equal(3, read.Free(TenASecond, Noon.AddMilliseconds(999)));
        Assert.Equal(4, read.Free(TenASecond, Noon.AddMilliseconds(1_000)));
        Assert.Equal(Noon.AddMilliseconds(1_000), read.NextAt(TenASecond, Noon.AddMilliseconds(700)));
        Assert.Null(RateWindow.Read(null).NextAt(TenASecond, Noon));
    }

    [Fact]
    public void It_stays_small_however_many_start()
    {
        var window = new RateWindow();
        var many = new Rate(1_000_000, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 50_000; i++) window.Take(many, Noon.AddMicroseconds(17 * i));
        Assert.InRange(window.Write()!.Split(';').Length, 1, 66);
        Assert.Equal(950_000, window.Free(many, Noon.AddMicroseconds(17 * 50_000)));
    }

    [Fact]
    public void A_clock_set_back_does_not_hold_jobs_up()
    {
        var window = new RateWindow();
        for (var i = 0; i < 9; i++) window.Take(TenASecond, Noon.AddDays(3));
        window.Take(TenASecond, Noon);
        Assert.Equal(10, window.Free(TenASecond, Noon.AddSeconds(2)));
    }
}
