using System.Diagnostics;
using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>Alarms that share a timer with those that wait equally long.</summary>
public sealed class AlarmLaneTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Second = TimeSpan.FromSeconds(1);

    private sealed class Bell(List<int> rung, int number) : LaneAlarm
    {
        public override void Ring() => rung.Add(number);

        public void TakeOut() => LeaveLane();
    }

    private readonly ManualTime _time = new();
    private readonly List<int> _rung = [];

    private Bell Enter(AlarmLanes lanes, int number, TimeSpan delay)
    {
        var bell = new Bell(_rung, number);
        Assert.True(lanes.TryEnter(bell, delay));
        return bell;
    }

    [Fact]
    public void Alarms_ring_in_their_order_when_their_time_has_come_and_not_before()
    {
        using var lanes = new AlarmLanes(_time);
        Enter(lanes, 1, Minute);
        _time.Advance(20 * Second);
        Enter(lanes, 2, Minute);
        Enter(lanes, 3, Second);
        _time.Advance(40 * Second - TimeSpan.FromMilliseconds(1));
        Assert.Equal([3], _rung);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([3, 1], _rung);
        _time.Advance(20 * Second - TimeSpan.FromMilliseconds(1));
        Assert.Equal([3, 1], _rung);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([3, 1, 2], _rung);
        Assert.Null(_time.UntilNextTimer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_alarm_taken_out_never_rings_and_the_others_do(int taken)
    {
        using var lanes = new AlarmLanes(_time);
        var bells = Enumerable.Range(0, 3).Select(number => Enter(lanes, number, Minute)).ToArray();
        bells[taken].TakeOut();
        bells[taken].TakeOut();
        _time.Advance(Minute);
        Assert.Equal(Enumerable.Range(0, 3).Where(number => number != taken), _rung);
    }

    [Fact]
    public void A_lane_without_alarms_lets_its_timer_rest_and_sets_it_again()
    {
        using var lanes = new AlarmLanes(_time);
        Enter(lanes, 1, Minute).TakeOut();
        _time.Advance(Minute);
        Assert.Null(_time.UntilNextTimer);
        Enter(lanes, 2, Minute);
        _time.Advance(Minute);
        Assert.Equal([2], _rung);
    }

    [Fact]
    public void Delays_beyond_the_number_of_lanes_are_refused_until_a_lane_is_empty()
    {
        using var lanes = new AlarmLanes(_time);
        var bells = Enumerable.Range(1, 8).Select(number => Enter(lanes, number, number * Second)).ToArray();
        Assert.False(lanes.TryEnter(new Bell(_rung, 9), 9 * Second));
        bells[4].TakeOut();
        Enter(lanes, 9, 9 * Second);
        _time.Advance(Minute);
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9], _rung);
    }

    [Fact]
    public void After_the_end_open_alarms_still_ring_and_leave_no_timer()
    {
        var time = new CountingTime(_time);
        var lanes = new AlarmLanes(time);
        Enter(lanes, 1, Minute);
        Enter(lanes, 2, Second).TakeOut();
        var last = Enter(lanes, 3, 2 * Minute);
        lanes.Dispose();
        Assert.False(lanes.TryEnter(new Bell(_rung, 4), Minute));
        _time.Advance(Minute);
        Assert.Equal([1], _rung);
        last.TakeOut();
        Assert.Equal(0, time.Living);
    }

    /// <summary>In real time, for there the lanes of a system are.</summary>
    [Fact]
    public async Task Questions_from_many_threads_are_answered_or_time_out_each_by_itself()
    {
        var system = ActorSystem.Create("lanes");
        var answering = system.ActorOf(Props.Create(() => new AnsweringSome()));
        var timedOut = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 400).Select(number => Task.Run(async () =>
        {
            try
            {
                Assert.Equal(number, await answering.Ask<int>(number, TimeSpan.FromMilliseconds(200)));
            }
            catch (AskTimeoutException)
            {
                Assert.True(number % 4 == 0 || Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(200));
                Interlocked.Increment(ref timedOut);
            }
        })));
        Assert.True(timedOut >= 100, $"{timedOut} of the 100 questions without an answer timed out.");
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(200));
        await system.Terminate();
    }

    private sealed class AnsweringSome : ReceiveActor
    {
        public AnsweringSome() => Receive<int>(number =>
        {
            if (number % 4 != 0) Sender.Tell(number);
        });
    }
}
