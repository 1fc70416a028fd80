using ActorPerf.Kernel;

namespace ActorPerf.Tests.Kernel;

/// <summary>When an actor stands in line for a turn: whenever it has a message, and once.</summary>
public sealed class TurnTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs turns on the pool, sees who stands in line twice, and draws from a seed who lingers.</summary>
    private sealed class Checking(int seed, int throughput) : MessageDispatcher
    {
        private readonly Lock _gate = new();
        private readonly Random _random = new(seed);
        private readonly HashSet<ActorCell> _inLine = [];

        /// <summary>Cells that were put in line while they stood there.</summary>
        public int Doubles { get; private set; }

        /// <summary>Times a cell that slept was woken.</summary>
        public int Wakings { get; private set; }

        public override int Throughput => throughput;

        public override bool IsHurried
        {
            get
            {
                lock (_gate) return _random.Next(2) == 0;
            }
        }

        public override void Schedule(ActorCell cell)
        {
            lock (_gate) Wakings++;
            Reschedule(cell);
        }

        public override void Reschedule(ActorCell cell)
        {
            lock (_gate)
            {
                if (!_inLine.Add(cell)) Doubles++;
            }
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                lock (_gate) _inLine.Remove(cell);
                cell.Execute();
            }, null);
        }

        public override void RunOutside(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    private sealed class Handled
    {
        private int _inside;
        private int _overlaps;
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public int Overlaps => Volatile.Read(ref _overlaps);

        public void One()
        {
            if (Interlocked.Exchange(ref _inside, 1) != 0) Interlocked.Increment(ref _overlaps);
            Volatile.Write(ref _count, _count + 1);
            Volatile.Write(ref _inside, 0);
        }
    }

    private sealed class Handling : UntypedActor
    {
        private readonly Handled _handled;

        public Handling(Handled handled) => _handled = handled;

        protected override void OnReceive(object message) => _handled.One();
    }

    /// <summary>Every sender waits until what it sent has been handled, so that the actor falls asleep again and again just when others send.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 64)]
    [InlineData(4, 64)]
    public async Task An_actor_that_falls_asleep_while_it_is_told_is_always_woken_and_never_twice(int seed, int throughput)
    {
        const int senders = 3;
        var rounds = FullRun.SkipReason is null ? 4_000 : 500;
        var dispatcher = new Checking(seed, throughput);
        var handled = new Handled();
        var sent = 0;
        var system = ActorSystem.Create("turns", Config.Empty, new KernelSetup { Dispatcher = dispatcher });
        var actor = (LocalActorRef)system.ActorOf(Props.Create(() => new Handling(handled)));
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => OnThreadAsync(() =>
        {
            var random = new Random(seed * senders + sender);
            for (var round = 0; round < rounds; round++)
            {
                Thread.SpinWait(random.Next(60));
                if (random.Next(4) == 0) actor.Cell.PostSystem(new SystemMessage.ReceiveTimeoutCheck());
                actor.Tell(round);
                var mine = Interlocked.Increment(ref sent);
                if (!SpinWait.SpinUntil(() => handled.Count >= mine, Patience))
                    throw new TimeoutException($"Seed {seed}: {handled.Count} of {mine} messages were handled; the actor sleeps over the rest.");
            }
        })));
        Assert.Equal(senders * rounds, handled.Count);
        Assert.Equal(0, handled.Overlaps);
        Assert.Equal(0, dispatcher.Doubles);
        Assert.True(dispatcher.Wakings > rounds / 10, $"Seed {seed}: woken {dispatcher.Wakings} times only, so nothing was tried.");
        await system.Terminate().WaitAsync(Patience);
    }

    /// <summary>Senders that spin would keep the pool's threads from those they wait for.</summary>
    private static Task OnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
