using ActorPerf.Kernel;

namespace ActorPerf.Tests.Kernel;

public class TurnCounterTests
{
    [Fact]
    public void One_sender_counts_without_a_gap_before_and_while_it_owns_the_count()
    {
        var turns = new TurnCounter();
        for (var i = 0u; i < 10_000; i++) Assert.Equal(i, turns.Next());
    }

    [Fact]
    public void The_count_goes_on_where_its_owner_left_it()
    {
        var turns = new TurnCounter();
        var expected = 0u;
        for (var round = 0; round < 5; round++)
        {
            foreach (var length in (int[])[5000, 1, 1500])
            {
                OnThread(() =>
                {
                    for (var i = 0; i < length; i++) Assert.Equal(expected++, turns.Next());
                });
            }
        }
    }

    /// <summary>Bursts long enough to own the count, broken off by the others.</summary>
    [Fact]
    public void Senders_at_once_get_every_number_once()
    {
        const int Senders = 4, Bursts = 60, Burst = 3000;
        var turns = new TurnCounter();
        var given = new int[Senders * Bursts * Burst];
        var doubled = 0;
        using var begin = new Barrier(Senders);
        var threads = Enumerable.Range(0, Senders).Select(_ => new Thread(Count)).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(0, doubled);
        Assert.DoesNotContain(0, given);

        void Count()
        {
            begin.SignalAndWait();
            for (var burst = 0; burst < Bursts; burst++)
            {
                for (var i = 0; i < Burst; i++)
                {
                    if (turns.Next() is var number && (number >= given.Length || Interlocked.Increment(ref given[number]) != 1)) Interlocked.Increment(ref doubled);
                }
                Thread.Yield();
            }
        }
    }

    private static void OnThread(Action work)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(work));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
