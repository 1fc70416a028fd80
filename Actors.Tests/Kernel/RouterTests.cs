using ActorPerf.Kernel;

namespace ActorPerf.Tests.Kernel;

public sealed class RouterTests() : ActorTest(Deployed)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly Config Deployed = Config.FromPairs(
    [
        new("akka.actor.deployment./compute/default.router", "smallest-mailbox-pool"),
        new("akka.actor.deployment./compute/default.nr-of-instances", "3"),
        new("akka.actor.deployment./wild/*.router", "round-robin-pool"),
        new("akka.actor.deployment./wild/*.nr-of-instances", "2"),
        new("akka.actor.deployment./odd.router", "scatter-pool"),
    ]);

    private sealed record Keyed(string Key) : IConsistentHashable
    {
        public object ConsistentHashKey => Key;
    }

    private sealed class Worker : ReceiveActor
    {
        public Worker()
        {
            Receive<string>(text => text == "throw", _ => throw new FormatException());
            Receive<string>(text => text == "stop", _ => Context.Stop(Self));
            Receive<ManualResetEventSlim>(gate =>
            {
                Sender.Tell(Self.Path.Name);
                gate.Wait();
            });
            ReceiveAny(_ => Sender.Tell(Self.Path.Name));
        }
    }

    private sealed class Compute(string name, Props props) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            try
            {
                Sender.Tell(Context.ActorOf(props, name));
            }
            catch (ConfigurationException e)
            {
                Sender.Tell(e.Message);
            }
        }
    }

    private static Props Workers(RouterConfig router) => Props.Create(() => new Worker()).WithRouter(router);

    private static async Task<List<string>> AskedAsync(IActorRef router, int times, Func<int, object>? message = null)
    {
        var names = new List<string>();
        for (var i = 0; i < times; i++) names.Add(await router.Ask<string>(message?.Invoke(i) ?? i, Limit));
        return names;
    }

    private static async Task<List<IActorRef>> RouteesAsync(IActorRef router) =>
        [.. (await router.Ask<Routees>(GetRoutees.Instance, Limit)).Members.Cast<ActorRefRoutee>().Select(routee => routee.Actor)];

    /// <summary>An actor is busy until the turn of its start, or of its last message, is over: a while after its answer has come.</summary>
    private async Task IdleAsync(IActorRef router, string? exceptFor = null)
    {
        var routees = (await RouteesAsync(router)).Cast<LocalActorRef>().Where(routee => routee.Path.Name != exceptFor).ToList();
        await AwaitConditionAsync(() => routees.TrueForAll(static routee => !routee.Cell.IsBusy));
    }

    [Fact]
    public async Task Round_robin_takes_each_routee_in_turn()
    {
        var names = await AskedAsync(Sys.ActorOf(Workers(new RoundRobinPool(3))), 6);
        Assert.Equal(3, names.Distinct().Count());
        Assert.Equal(names.Take(3), names.Skip(3));
    }

    [Fact]
    public async Task Smallest_mailbox_prefers_an_idle_routee()
    {
        using var gate = new ManualResetEventSlim();
        var router = Sys.ActorOf(Workers(new SmallestMailboxPool(3)));
        await IdleAsync(router);
        var blocked = await router.Ask<string>(gate, Limit);
        for (var i = 0; i < 10; i++)
        {
            await IdleAsync(router, exceptFor: blocked);
            Assert.NotEqual(blocked, await router.Ask<string>(i, Limit));
        }
        gate.Set();
    }

    [Fact]
    public async Task Smallest_mailbox_finds_a_routee_that_has_become_idle_while_all_were_busy()
    {
        var router = Sys.ActorOf(Workers(new SmallestMailboxPool(3)));
        await IdleAsync(router);
        var gates = Enumerable.Range(0, 3).Select(_ => new ManualResetEventSlim()).ToArray();
        var blocked = new List<string>();
        foreach (var gate in gates) blocked.Add(await router.Ask<string>(gate, Limit));
        var waiting = Enumerable.Range(0, 9).Select(i => router.Ask<string>(i, Limit)).ToArray();
        gates[1].Set();
        var freed = (await RouteesAsync(router)).Cast<LocalActorRef>().Single(routee => routee.Path.Name == blocked[1]);
        // First it is idle, and then the pool is told to look for it.
        await AwaitConditionAsync(() => !freed.Cell.IsBusy && ((RouterRef)router).Idle is { IsRaised: true });
        Assert.Equal(blocked[1], await router.Ask<string>("who", Limit));
        foreach (var gate in gates) gate.Set();
        var names = await Task.WhenAll(waiting);
        Assert.All(blocked, name => Assert.Equal(3, names.Count(name.Equals)));
        foreach (var gate in gates) gate.Dispose();
    }

    [FullFact]
    public async Task While_all_are_busy_the_smallest_mailbox_is_the_one_with_the_fewest_by_the_last_count()
    {
        using var gate = new ManualResetEventSlim();
        var depths = new[] { 40, 3, 0, 70, 3 };
        var routees = depths.Select(_ => (LocalActorRef)Sys.ActorOf(Props.Create(() => new Worker()))).ToArray();
        foreach (var routee in routees) await routee.Ask<string>(gate, Limit);
        for (var i = 0; i < depths.Length; i++)
        {
            for (var k = 0; k < depths[i]; k++) routees[i].Tell(k, ActorRefs.NoSender);
        }
        var plan = MailboxPlan.Of(routees, 3, new ManualClock(), null);
        var given = 0;
        for (; plan.TryNext(out var chosen); given++)
        {
            var index = Array.IndexOf(routees, chosen);
            Assert.Equal(depths.Min(), depths[index]++);
            if (given == 0) Assert.Equal(2, index);
        }
        Assert.Equal(4_096, given);
        gate.Set();
    }

    [Fact]
    public void A_count_of_mailboxes_is_out_of_date_after_a_millisecond()
    {
        var clock = new ManualClock();
        var plan = MailboxPlan.Of([(LocalActorRef)Sys.ActorOf(Props.Create(() => new Worker()))], 0, clock, null);
        Assert.True(plan.TryNext(out _));
        clock.MonotonicClock = TimeSpan.FromMilliseconds(1);
        Assert.False(plan.TryNext(out _));
    }

    [Theory]
    [InlineData(1, 64)]                    // 4,096 messages in a microsecond: the clock is read with one in 64
    [InlineData(1_000, 64)]
    [InlineData(20_000, 51)]               // as many as come in a quarter of a millisecond
    [InlineData(1_000_000, 1)]
    public void The_slower_messages_come_the_more_often_a_plan_looks_at_the_clock(long micros, int late)
    {
        var clock = new ManualClock();
        var routees = new[] { (LocalActorRef)Sys.ActorOf(Props.Create(() => new Worker())) };
        var before = MailboxPlan.Of(routees, 0, clock, null);
        while (before.TryNext(out _)) { }
        clock.MonotonicClock += TimeSpan.FromMicroseconds(micros);
        var plan = MailboxPlan.Of(routees, 0, clock, before);
        clock.MonotonicClock += TimeSpan.FromMilliseconds(1);
        var given = 0;
        while (plan.TryNext(out _)) given++;
        Assert.Equal(late, given);
    }

    private sealed class ManualClock : ITimeProvider
    {
        public DateTimeOffset Now => DateTimeOffset.UnixEpoch + MonotonicClock;

        public TimeSpan MonotonicClock { get; set; }

        public TimeSpan HighResMonotonicClock => MonotonicClock;
    }

    [Fact]
    public async Task Consistent_hashing_sends_a_key_to_one_routee()
    {
        var router = Sys.ActorOf(Workers(new ConsistentHashingPool(4)));
        var first = await AskedAsync(router, 100, i => new Keyed($"k{i}"));
        Assert.Equal(first, await AskedAsync(router, 100, i => new Keyed($"k{i}")));
        Assert.Equal(4, first.Distinct().Count());
        Assert.Equal(first, await AskedAsync(router, 100, i => new ConsistentHashableEnvelope(i, $"k{i}")));
    }

    [Fact]
    public async Task Consistent_hashing_keeps_keys_where_they_are_when_a_routee_is_replaced_or_added()
    {
        var router = Sys.ActorOf(Workers(new ConsistentHashingPool(4, message => message as int?)));
        var before = await AskedAsync(router, 200);
        var victim = (await RouteesAsync(router))[1];
        await victim.GracefulStop(Limit, "stop");
        await AwaitConditionAsync(async () => !(await RouteesAsync(router)).Contains(victim));
        Assert.Equal(before, await AskedAsync(router, 200));
        router.Tell(new AdjustPoolSize(1));
        await AwaitConditionAsync(async () => (await RouteesAsync(router)).Count == 5);
        var after = await AskedAsync(router, 200);
        Assert.InRange(before.Zip(after).Count(pair => pair.First != pair.Second), 1, 100);
        Assert.Single(before.Zip(after).Where(pair => pair.First != pair.Second).Select(pair => pair.Second).Distinct());
    }

    [Fact]
    public async Task A_message_without_hash_key_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.ActorOf(Workers(new ConsistentHashingPool(2))).Tell("no key");
        Assert.Equal("no key", (await ExpectMsgAsync<DeadLetter>()).Message);
    }

    [Fact]
    public async Task Broadcast_reaches_every_routee()
    {
        Sys.ActorOf(Workers(new RoundRobinPool(3))).Tell(new Broadcast("a"), TestActor);
        var names = new HashSet<string>();
        for (var i = 0; i < 3; i++) names.Add(await ExpectMsgAsync<string>());
        Assert.Equal(3, names.Count);
    }

    [Fact]
    public async Task A_routee_that_fails_is_restarted_under_its_name()
    {
        var router = Sys.ActorOf(Workers(new RoundRobinPool(2)));
        var before = await RouteesAsync(router);
        router.Tell("throw");
        Assert.Equal(2, (await AskedAsync(router, 4)).Distinct().Count());
        Assert.Equal(before, await RouteesAsync(router));
    }

    [Fact]
    public async Task A_routee_that_stops_is_replaced_so_that_the_pool_keeps_its_size()
    {
        var router = Sys.ActorOf(Workers(new RoundRobinPool(2)));
        var victim = (await RouteesAsync(router))[0];
        await victim.GracefulStop(Limit, "stop");
        await AwaitConditionAsync(async () => !(await RouteesAsync(router)).Contains(victim));
        Assert.Equal(2, (await AskedAsync(router, 4)).Distinct().Count());
    }

    [Fact]
    public async Task Poison_for_all_routees_ends_the_router()
    {
        var router = Sys.ActorOf(Workers(new RoundRobinPool(3)));
        await WatchAsync(router);
        router.Tell(new Broadcast(PoisonPill.Instance));
        await ExpectTerminatedAsync(router);
    }

    [Fact]
    public async Task Poison_for_the_router_ends_its_routees()
    {
        var router = Sys.ActorOf(Workers(new RoundRobinPool(2)));
        var routee = (await RouteesAsync(router))[0];
        await WatchAsync(routee);
        router.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(routee);
    }

    [Fact]
    public async Task A_pool_may_grow_and_shrink()
    {
        var router = Sys.ActorOf(Workers(new RoundRobinPool(2)));
        router.Tell(new AdjustPoolSize(2));
        Assert.Equal(4, (await RouteesAsync(router)).Count);
        router.Tell(new AdjustPoolSize(-3));
        Assert.Single(await RouteesAsync(router));
    }

    [Fact]
    public async Task The_deployment_makes_the_router_of_its_path()
    {
        var props = Workers(FromConfig.Instance);
        var compute = Sys.ActorOf(Props.Create(() => new Compute("default", props)), "compute");
        var router = await compute.Ask<IActorRef>("start", Limit);
        Assert.Equal("akka://test/user/compute/default", router.Path.ToString());
        Assert.Equal(3, (await RouteesAsync(router)).Count);
    }

    [Theory]
    [InlineData("round-robin-pool")]
    [InlineData("smallest-mailbox-pool")]
    [InlineData("consistent-hashing-pool")]
    public async Task Every_pool_can_come_from_the_deployment(string router)
    {
        using var system = ActorSystem.Create("deployed", ConfigurationFactory.ParseString(
            $"akka.actor.deployment {{ /pool {{ router = {router}, nr-of-instances = 3, virtual-nodes-factor = 20 }} }}"));
        var pool = system.ActorOf(Workers(FromConfig.Instance), "pool");
        Assert.Equal(3, (await RouteesAsync(pool)).Count);
        var names = await AskedAsync(pool, 60, i => new Keyed($"k{i}"));
        if (router != "smallest-mailbox-pool") Assert.Equal(3, names.Distinct().Count());
        if (router == "consistent-hashing-pool") Assert.Equal(names, await AskedAsync(pool, 60, i => new Keyed($"k{i}")));
    }

    [Fact]
    public async Task A_star_in_a_deployment_stands_for_any_name_and_is_stronger_than_the_code()
    {
        var props = Workers(new SmallestMailboxPool(7));
        var wild = Sys.ActorOf(Props.Create(() => new Compute("anything", props)), "wild");
        Assert.Equal(2, (await RouteesAsync(await wild.Ask<IActorRef>("start", Limit))).Count);
    }

    [Theory]
    [InlineData("round-robin-pool")]
    [InlineData("smallest-mailbox-pool")]
    [InlineData("consistent-hashing-pool")]
    public void What_a_deployment_does_not_name_is_as_the_code_says(string router)
    {
        var path = Sys.ActorOf(Props.Create(() => new Worker()), "pool").Path;
        Pool Deployed(string more, RouterConfig code) => (Pool)new Deployer(ConfigurationFactory.ParseString(
            $"akka.actor.deployment {{ /pool {{ router = {router}, nr-of-instances = 3 {more} }} }}")).Apply(Workers(code), path).RouterConfig;
        var fromOther = Deployed("", new SmallestMailboxPool(7).WithDispatcher("mine"));
        Assert.Equal((3, "mine"), (fromOther.NrOfInstances, fromOther.RouterDispatcher));
        var hashing = new ConsistentHashingPool(7, message => message).WithVirtualNodesFactor(33).WithDispatcher("mine");
        var pool = Deployed("", hashing);
        Assert.Equal((3, "mine"), (pool.NrOfInstances, pool.RouterDispatcher));
        if (pool is ConsistentHashingPool kept) Assert.Equal(33, kept.VirtualNodesFactor);
        if (Deployed(", virtual-nodes-factor = 20", hashing) is ConsistentHashingPool named) Assert.Equal(20, named.VirtualNodesFactor);
    }

    [Fact]
    public async Task A_router_from_configuration_without_entry_is_a_configuration_error()
    {
        var props = Workers(FromConfig.Instance);
        var compute = Sys.ActorOf(Props.Create(() => new Compute("missing", props)), "compute");
        Assert.Contains("no deployment found", await compute.Ask<string>("start", Limit), StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(props, "odd"));
        await compute.GracefulStop(Limit);
    }
}
