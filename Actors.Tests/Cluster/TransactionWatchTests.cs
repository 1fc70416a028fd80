using ActorPerf.Cluster;
using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Cluster;

/// <summary>A transaction that somebody left open: said once in the log, and in the condition for as long as it is there.</summary>
[Trait("Kind", "Simulation")]
public sealed class TransactionWatchTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public void What_has_been_open_for_long_is_told_once_and_stands_until_it_has_ended() => Run((simulation, feed, log, told) =>
    {
        feed.Oldest = new OpenTransaction(4711, "report", TimeSpan.FromMinutes(4), Writes: true);
        simulation.RunFor(TimeSpan.FromMinutes(1));
        Assert.Empty(log);
        Assert.Null(told[^1]);

        feed.Oldest = feed.Oldest with { Open = TimeSpan.FromMinutes(6) };
        simulation.RunFor(TimeSpan.FromMinutes(3));
        Assert.Equal(
            "A transaction of 'report' has been open in the database for 6 min: streams of events wait for it, and what changed since cannot be vacuumed, so tables grow. If it was forgotten, end it: SELECT pg_terminate_backend(4711)",
            Assert.Single(log));
        Assert.Equal(log[0], told[^1]);

        feed.Oldest = new OpenTransaction(4712, "", TimeSpan.FromSeconds(301), Writes: false);
        simulation.RunFor(TimeSpan.FromMinutes(1));
        Assert.StartsWith("A transaction of a program without a name has been open in the database for 5 min: what changed since", Assert.Single(log.Skip(1)), StringComparison.Ordinal);

        feed.Oldest = null;
        simulation.RunFor(TimeSpan.FromMinutes(1));
        Assert.Null(told[^1]);
    });

    [Fact]
    public void A_store_that_is_away_is_asked_again_and_no_look_is_sent_before_the_last_was_answered() => Run((simulation, feed, _, told) =>
    {
        feed.Away = true;
        simulation.RunFor(TimeSpan.FromMinutes(2));
        Assert.InRange(feed.Asked, 3, 5);
        Assert.Null(told[^1]);

        feed.Away = false;
        feed.Oldest = new OpenTransaction(4711, "report", Long, Writes: true);
        simulation.RunFor(TimeSpan.FromMinutes(1));
        Assert.NotNull(told[^1]);
    });

    private static void Run(Action<ActorSimulation, Feed, Lines, List<string?>> test) => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var (feed, log, told) = (new Feed(), new Lines(), new List<string?>());
        Action<string?> tell = told.Add;
        simulation.System.ActorOf(Props.Create(() => new TransactionWatch(feed, Long, tell, log)), "transactions");
        test(simulation, feed, log, told);
    });

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }

    private sealed class Feed : IFeedStore
    {
        public OpenTransaction? Oldest { get; set; }

        public bool Away { get; set; }

        public int Asked { get; private set; }

        public bool IsShared => true;

        public long Origin => 1;

        public Action? Changed { get; set; }

        public ValueTask<OpenTransaction?> OldestTransactionAsync(CancellationToken ct)
        {
            Asked++;
            return Away ? ValueTask.FromException<OpenTransaction?>(new StoreUnavailableException()) : new(Oldest);
        }

        public ValueTask<FeedPlace> EndAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask AppendAsync(FeedNote note, CancellationToken ct) => throw new NotSupportedException();
    }
}
