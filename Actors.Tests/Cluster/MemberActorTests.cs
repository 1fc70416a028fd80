using ActorPerf.Cluster;
using ActorPerf.Storage.Memory;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Cluster;

[Trait("Kind", "Simulation")]
public sealed class MemberActorTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ActorSimulation _simulation = new(seed: 1);
    private readonly MemoryStorage _storage;
    private readonly List<Node> _nodes = [];

    public MemberActorTests() => _storage = new MemoryStorage(_simulation.Time, new Random(1));

    public void Dispose() => _simulation.Dispose();

    [Fact]
    public void Nodes_renew_and_stay_up_and_the_oldest_leads()
    {
        var (first, second) = (Start("node-1"), Start("node-2"));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(["up", "up"], View.Members.Select(member => MemberRules.Shown(member, View.Now).Status));
        Assert.Equal((true, false), (first.Leads, second.Leads));
        Assert.True(first.Membership.Condition.Ready);
        Assert.Equal([new NodeNews.Leads(1)], first.News.OfType<NodeNews.Leads>());
        Assert.Empty(second.News);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_cut_from_its_store_fences_itself_a_third_before_its_lease_ends(bool hangs)
    {
        var node = Start("node-1");
        Pass(TimeSpan.FromSeconds(35));
        var incarnation = node.Membership.Self.Incarnation;
        node.Cut(hangs);
        var ends = View.Members[0].LeaseUntil!.Value;
        Pass(() => node.Fenced is not null, TimeSpan.FromMinutes(1));
        Assert.InRange(ends - _simulation.Time.GetUtcNow(), Lease / 3 - Second, Lease / 3);
        Assert.False(node.Membership.Lease.Holds);
        Assert.False(node.Membership.Condition.Ready);
        Assert.Contains("The store has not answered for 20 s", node.Membership.Condition.Reason, StringComparison.Ordinal);
        Assert.Equal(incarnation, View.Members[0].Incarnation);
    }

    [Fact]
    public void A_fenced_node_joins_under_a_new_incarnation_when_its_store_answers()
    {
        var node = Start("node-1");
        var incarnation = node.Membership.Self.Incarnation;
        node.Cut(hangs: false);
        Pass(TimeSpan.FromSeconds(25));
        Assert.NotNull(node.Fenced);
        node.Heal();
        Pass(TimeSpan.FromSeconds(2));
        var rejoined = Assert.Single(node.News.OfType<NodeNews.Rejoined>());
        Assert.NotEqual(incarnation, rejoined.Incarnation);
        Assert.Equal((rejoined.Incarnation, "up"), (View.Members[0].Incarnation, View.Members[0].Status));
        Assert.True(node.Membership.Condition.Ready);
        // The leadership of the life before is over, too.
        Assert.Equal([1, 3], node.News.OfType<NodeNews.Leads>().Select(leads => leads.Epoch));
        Assert.DoesNotContain(incarnation, node.News.OfType<NodeNews.Living>().Last().Incarnations);
    }

    [Fact]
    public void A_store_that_is_away_for_less_than_a_third_of_the_lease_costs_nothing()
    {
        var node = Start("node-1");
        for (var times = 0; times < 20; times++)
        {
            Pass(TimeSpan.FromSeconds(7));
            var hangs = times % 2 == 0;
            node.Cut(hangs);
            // What hangs is noticed by patience, which costs a few seconds more.
            Pass(TimeSpan.FromSeconds(hangs ? 5 : 9));
            node.Heal();
            Pass(TimeSpan.FromSeconds(11));
        }
        Assert.Null(node.Fenced);
    }

    [Fact]
    public void A_slow_answer_is_waited_for_and_counts_from_when_it_was_asked()
    {
        var node = Start("node-1");
        Pass(TimeSpan.FromSeconds(9));
        node.Cut(hangs: true);
        Pass(TimeSpan.FromSeconds(5));
        node.Heal();
        node.Store.Release();
        Pass(TimeSpan.FromMilliseconds(10));
        // Asked at 10 s, answered at 14 s: of twenty seconds sixteen are left.
        Assert.InRange(node.Membership.Lease.Left, TimeSpan.FromSeconds(15.5), TimeSpan.FromSeconds(16.5));
        Assert.Null(node.Fenced);
    }

    [Fact]
    public void A_join_whose_answer_was_lost_is_no_obstacle_to_its_repeat()
    {
        var node = Start("node-1");
        node.Store.LosesAnswers = true;
        Pass(TimeSpan.FromMinutes(1));
        Assert.NotNull(node.Fenced);
        node.Store.LosesAnswers = false;
        Pass(TimeSpan.FromSeconds(2));
        Assert.True(node.Membership.Condition.Ready);
        Assert.Single(node.News.OfType<NodeNews.Rejoined>());
    }

    [Fact]
    public void A_frozen_node_knows_before_anything_else_that_its_lease_is_over()
    {
        var (frozen, other) = (Start("node-1"), Start("node-2"));
        var incarnation = frozen.Membership.Self.Incarnation;
        other.Cut(hangs: false);
        Pass(TimeSpan.FromSeconds(3));
        other.Heal();
        // Time goes by, and no actor runs.
        _simulation.Time.Advance(Lease * 3);
        Assert.False(frozen.Membership.Lease.Holds);
        Assert.False(frozen.Leads);
        _simulation.RunUntilIdle();
        Assert.NotNull(frozen.Fenced);
        Pass(Second);
        Assert.NotEqual(incarnation, frozen.Membership.Self.Incarnation);
        Assert.True(frozen.Membership.Condition.Ready);
    }

    [Fact]
    public void A_downed_node_notices_within_a_poll_and_comes_back_as_another()
    {
        var (first, second) = (Start("node-1"), Start("node-2"));
        var incarnation = second.Membership.Self.Incarnation;
        Pass(TimeSpan.FromSeconds(4));
        Assert.IsType<MemberReply.Done>(_simulation.RunUntil(first.Membership.DownAsync("node-2", default).AsTask()));
        Assert.DoesNotContain(incarnation, View.Living);
        Pass(Second + Second);
        Assert.Contains("it was downed", second.Fenced, StringComparison.Ordinal);
        Assert.Equal("up", View.Find("node-2")!.Status);
        // The leader told its reaper before and after.
        Assert.Contains(first.News.OfType<NodeNews.Living>(), living => !living.Incarnations.Contains(incarnation));
    }

    [Fact]
    public void A_node_that_was_told_to_leave_hears_of_it_and_leads_no_more()
    {
        var (first, second) = (Start("node-1"), Start("node-2"));
        Pass(TimeSpan.FromSeconds(2));
        _simulation.RunUntil(second.Membership.LeaveAsync("node-1", default).AsTask());
        Pass(Second);
        Assert.True(first.Membership.ToldToLeave.IsCompletedSuccessfully);
        Assert.Equal((true, false), (first.Membership.Condition.Draining, first.Membership.Condition.Ready));
        Assert.Equal((false, true), (first.Leads, second.Leads));
        Assert.Null(first.Fenced);
    }

    [Fact]
    public void Another_leads_within_a_poll_of_the_leaders_lease_and_never_two_at_once()
    {
        var nodes = new[] { Start("node-1"), Start("node-2"), Start("node-3") };
        Pass(TimeSpan.FromSeconds(13));
        nodes[0].Cut(hangs: true);
        var ends = View.Find("node-1")!.LeaseUntil!.Value;
        Pass(
            () =>
            {
                Assert.InRange(nodes.Count(node => node.Leads), 0, 1);
                return nodes[1].Leads || nodes[2].Leads;
            },
            TimeSpan.FromMinutes(2));
        Assert.True(nodes[1].Leads);
        Assert.InRange(_simulation.Time.GetUtcNow() - ends, TimeSpan.Zero, Second + Second);
        Assert.DoesNotContain(View.Find("node-1")!.Incarnation, nodes[1].News.OfType<NodeNews.Living>().First().Incarnations);
        nodes[0].Heal();
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([false, true, false], nodes.Select(node => node.Leads));
    }

    [Fact]
    public void Of_two_nodes_of_one_name_and_address_the_newer_stays_and_the_older_stays_out()
    {
        var older = Start("node-1");
        Pass(TimeSpan.FromSeconds(5));
        var newer = Start("node-1");
        Pass(TimeSpan.FromMinutes(10));
        Assert.Contains("belongs to a node at http://node-1", older.Membership.Condition.Reason, StringComparison.Ordinal);
        Assert.False(older.Membership.Condition.Ready);
        Assert.Null(newer.Fenced);
        Assert.Equal(newer.Membership.Self.Incarnation, Assert.Single(View.Members).Incarnation);
    }

    [Fact]
    public void A_node_that_has_the_store_for_itself_is_never_fenced_by_time()
    {
        var node = Start("node-1", alone: true);
        node.Cut(hangs: true);
        Pass(TimeSpan.FromHours(1));
        Assert.Null(node.Fenced);
        Assert.True(node.Membership.Condition.Ready);
    }

    [Fact]
    public async Task Whoever_follows_hears_how_it_is_and_then_what_happens()
    {
        var first = Start("node-1");
        Pass(Second);
        var events = first.Membership.FollowAsync(default).GetAsyncEnumerator();
        Assert.Equal(["up node-1", "leader node-1"], [await NextAsync(events), await NextAsync(events)]);
        var second = Start("node-2");
        Pass(Second);
        Assert.Equal("up node-2", await NextAsync(events));
        second.Cut(hangs: false);
        Pass(TimeSpan.FromSeconds(21));
        Assert.Equal("unreachable node-2", await NextAsync(events));
        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal("down node-2", await NextAsync(events));
        second.Heal();
        Pass(TimeSpan.FromSeconds(3));
        Assert.Equal("up node-2", await NextAsync(events));
        await events.DisposeAsync();
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<MemberEvent> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        return $"{events.Current.Kind} {events.Current.Member?.Name}";
    }

    private ClusterView View => _storage.Members.ReadAsync(default).AsTask().GetAwaiter().GetResult();

    private Node Start(string name, bool alone = false)
    {
        var store = new ScriptedMemberStore(_storage.Members);
        var identity = new NodeIdentity(name, Guid.CreateVersion7(), $"http://{name}", ["web"], "1.0.0", _simulation.Time.GetUtcNow());
        var membership = new NodeMembership(identity, store, alone ? null : Lease, _simulation.Time);
        _simulation.RunUntil(NodeJoining.JoinAsync(membership, _simulation.Time, NullLogger.Instance, default));
        membership.Become(MemberStatus.Up);
        var news = new List<NodeNews>();
        Action<NodeNews> publish = news.Add;
        _simulation.System.ActorOf(Props.Create(() => new MemberActor(membership, Second, publish, _simulation.Time, NullLogger.Instance)), $"member-{_nodes.Count}");
        _nodes.Add(new Node(membership, store, news));
        _simulation.RunUntilIdle();
        return _nodes[^1];
    }

    private void Pass(TimeSpan time) => _simulation.RunFor(time);

    private void Pass(Func<bool> until, TimeSpan atMost)
    {
        var end = _simulation.Time.GetUtcNow() + atMost;
        while (!until())
        {
            Assert.True(_simulation.Time.GetUtcNow() < end, $"Not within {atMost}.");
            Pass(TimeSpan.FromMilliseconds(100));
        }
    }

    private sealed record Node(NodeMembership Membership, ScriptedMemberStore Store, List<NodeNews> News)
    {
        public bool Leads => Membership.Leads;

        public string? Fenced => News.OfType<NodeNews.Fenced>().LastOrDefault()?.Reason;

        public void Cut(bool hangs) => (Store.Cut, Store.Hangs) = (!hangs, hangs);

        public void Heal() => (Store.Cut, Store.Hangs) = (false, false);
    }
}
