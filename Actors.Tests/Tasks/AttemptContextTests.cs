using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Tasks;

public sealed class AttemptContextTests
{
    private readonly ManualTime _time = new();
    private readonly Recorder _recorder = new();

    private sealed class Recorder : IAttemptObserver
    {
        public List<double> Percents { get; } = [];
        public List<string> Lines { get; } = [];

        public void Progressed(AttemptContext attempt, ProgressReport progress) => Percents.Add(progress.Percent);

        public void Logged(AttemptContext attempt, LogLine line) => Lines.Add(line.Text);

        public List<string> Checkpoints { get; } = [];

        public void Saved(AttemptContext attempt, ReadOnlyMemory<byte> checkpoint) => Checkpoints.Add(System.Text.Encoding.UTF8.GetString(checkpoint.Span));
    }

    [Fact]
    public void A_checkpoint_is_told_kept_and_bounded_and_none_is_taken_after_the_end()
    {
        var context = A.Context("t", time: _time, observer: _recorder);
        Assert.Null(context.Saved);
        context.SaveCheckpoint("1"u8.ToArray());
        context.SaveCheckpoint("2"u8.ToArray());
        Assert.Throws<ArgumentException>(() => context.SaveCheckpoint("{"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => context.SaveCheckpoint(ReadOnlyMemory<byte>.Empty));
        Assert.Throws<ArgumentException>(() => context.SaveCheckpoint(new byte[AttemptContext.MaxCheckpoint + 1]));
        context.Complete();
        context.SaveCheckpoint("3"u8.ToArray());
        Assert.Equal("2"u8.ToArray(), context.Saved?.ToArray());
        Assert.Equal(["1", "2"], _recorder.Checkpoints);
    }

    [Fact]
    public void Data_of_progress_is_kept_when_it_is_JSON_and_small()
    {
        var context = A.Context("t", time: _time, observer: _recorder);
        context.Progress(1, data: "{\"rows\":12}"u8.ToArray());
        Assert.Equal("{\"rows\":12}"u8.ToArray(), context.Latest?.Data.ToArray());
        context.Progress(2, data: "{"u8.ToArray());
        Assert.Equal(0, context.Latest?.Data.Length);
        context.Progress(3, data: System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', AttemptContext.MaxProgressData)}\""));
        Assert.Equal((3, 0), (context.Latest?.Percent, context.Latest?.Data.Length));
    }

    [Fact]
    public void The_newest_progress_wins_and_the_observer_hears_ten_a_second()
    {
        var context = A.Context("t", time: _time, observer: _recorder);
        for (var percent = 1; percent <= 50; percent++) context.Progress(percent);
        Assert.Equal([1], _recorder.Percents);
        Assert.Equal(50, context.Latest?.Percent);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([1, 50], _recorder.Percents);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 50], _recorder.Percents);
        context.Progress(60);
        Assert.Equal([1, 50, 60], _recorder.Percents);
    }

    [Fact]
    public void The_last_progress_is_told_at_the_end_and_nothing_after()
    {
        var context = A.Context("t", time: _time, observer: _recorder);
        context.Progress(1);
        context.Progress(99);
        context.Complete();
        context.Complete();
        context.Progress(100);
        context.Log("late");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 99], _recorder.Percents);
        Assert.Empty(context.Lines);
        Assert.Null(_time.UntilNextTimer);
    }

    [Fact]
    public void Lines_are_bounded_in_number_and_length()
    {
        var context = A.Context("t", time: _time, observer: _recorder);
        for (var i = 0; i < 1_005; i++) context.Log(new string('x', 3_000), LogLevel.Warning);
        Assert.Equal(1_000, context.Lines.Count);
        Assert.Equal(5, context.DroppedLines);
        Assert.Equal(1_000, _recorder.Lines.Count);
        Assert.All(context.Lines, line => Assert.Equal(2_000, line.Text.Length));
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(500, 100)]
    [InlineData(double.NaN, 0)]
    [InlineData(double.PositiveInfinity, 100)]
    public void Percent_is_clamped(double given, double kept)
    {
        var context = A.Context("t", time: _time);
        context.Progress(given, new string('m', 2_000));
        Assert.Equal(kept, context.Latest?.Percent);
        Assert.Equal(1_000, context.Latest?.Message?.Length);
    }

    [Fact]
    public void Many_threads_may_report()
    {
        var context = A.Context("t", time: TimeProvider.System, observer: null);
        Parallel.For(0, 400, i =>
        {
            context.Progress(i % 101);
            context.Log("line");
        });
        Assert.Equal(400, context.Lines.Count);
    }
}
