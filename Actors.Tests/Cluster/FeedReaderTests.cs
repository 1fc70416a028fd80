using ActorPerf.Cluster;
using ActorPerf.Kernel;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Cluster;

/// <summary>The reader of others' rows over a feed as a database server shows it: rows behind the horizon come before others that stand in front of them.</summary>
[Trait("Kind", "Simulation")]
public sealed class FeedReaderTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_row_behind_the_horizon_is_told_at_once_and_once_and_one_that_comes_in_front_of_it_is_not_missed() => Run((simulation, feed, told) =>
    {
        feed.Show(new FeedPlace(7, 2), horizon: new FeedPlace(5, long.MaxValue));
        simulation.RunFor(Poll);
        Assert.Equal([new FeedPlace(7, 2)], told);

        feed.Show(new FeedPlace(6, 3), horizon: new FeedPlace(9, long.MaxValue));
        simulation.RunFor(Poll * 3);

        Assert.Equal([new FeedPlace(7, 2), new FeedPlace(6, 3)], told);
    });

    [Fact]
    public void A_hint_makes_it_look_without_waiting_for_the_poll() => Run((simulation, feed, told) =>
    {
        feed.Show(new FeedPlace(2, 2), horizon: new FeedPlace(2, 2));
        feed.Changed!();
        simulation.RunUntilIdle();

        Assert.Equal([new FeedPlace(2, 2)], told);
    });

    [Fact]
    public void What_could_not_be_read_is_read_when_the_store_is_back() => Run((simulation, feed, told) =>
    {
        feed.Away = true;
        feed.Show(new FeedPlace(2, 2), horizon: new FeedPlace(2, 2));
        simulation.RunFor(Poll * 3);
        Assert.Empty(told);

        feed.Away = false;
        simulation.RunFor(Poll * 2);

        Assert.Equal([new FeedPlace(2, 2)], told);
    });

    [Fact]
    public void Rows_that_were_deleted_unread_are_a_gap() => Run((simulation, feed, told) =>
    {
        feed.Pruned = true;
        simulation.RunFor(Poll);

        Assert.Equal([FeedPlace.Start], told.Distinct());
    });

    [Fact]
    public void A_database_that_is_older_than_what_was_read_is_a_gap_and_read_from_its_own_end_on() => Run((simulation, feed, told) =>
    {
        feed.Show(new FeedPlace(7, 2), horizon: new FeedPlace(9, long.MaxValue));
        simulation.RunFor(Poll);
        feed.Restore(horizon: new FeedPlace(3, long.MaxValue));
        simulation.RunFor(Poll);
        feed.Pruned = false;
        feed.Show(new FeedPlace(4, 1), horizon: new FeedPlace(5, long.MaxValue));
        simulation.RunFor(Poll);

        Assert.Equal([new FeedPlace(7, 2), FeedPlace.Start, new FeedPlace(4, 1)], told);
    });

    private static void Run(Action<ActorSimulation, Feed, List<FeedPlace>> test) => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var (feed, told) = (new Feed(), new List<FeedPlace>());
        var listener = simulation.System.ActorOf(Props.Create(() => new Listener(told)), "listener");
        simulation.System.EventStream.Subscribe(listener, typeof(FeedNews.Rows));
        simulation.System.EventStream.Subscribe(listener, typeof(FeedNews.Gap));
        simulation.System.ActorOf(Props.Create(() => new FeedReader(feed, FeedPlace.Start, Poll, NullLogger.Instance)), "feed");
        simulation.RunUntilIdle();
        test(simulation, feed, told);
    });

    /// <summary>Remembers the places it was told of; a gap as the start.</summary>
    private sealed class Listener : ReceiveActor
    {
        public Listener(List<FeedPlace> told)
        {
            Receive<FeedNews.Rows>(news => told.AddRange(news.All.Select(row => row.Place)));
            Receive<FeedNews.Gap>(_ => told.Add(FeedPlace.Start));
        }
    }

    private sealed class Feed : IFeedStore
    {
        private readonly SortedDictionary<FeedPlace, FeedRow> _rows = [];
        private FeedPlace _horizon;

        public bool Away { get; set; }

        public bool Pruned { get; set; }

        public bool IsShared => true;

        public long Origin => 1;

        public Action? Changed { get; set; }

        public void Show(FeedPlace place, FeedPlace horizon)
        {
            _rows.Add(place, new FeedRow { Place = place, Namespace = "", Kind = FeedKind.Cache });
            _horizon = horizon;
        }

        /// <summary>As a store does that is asked for what is behind its own end.</summary>
        public void Restore(FeedPlace horizon)
        {
            _rows.Clear();
            (_horizon, Pruned) = (horizon, true);
        }

        public ValueTask<FeedPlace> EndAsync(CancellationToken ct) => new(_horizon);

        public ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct)
        {
            if (Away) return ValueTask.FromException<FeedSlice>(new StoreUnavailableException());
            FeedRow[] rows = [.. _rows.Values.Where(row => row.Place > after).Take(limit)];
            return new(new FeedSlice(rows, _horizon, Pruned, rows.Length == limit));
        }

        public ValueTask AppendAsync(FeedNote note, CancellationToken ct) => throw new NotSupportedException();
    }
}
