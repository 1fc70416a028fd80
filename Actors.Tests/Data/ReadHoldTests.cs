using System.Collections.Concurrent;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data;

/// <summary>Reads that are held back until all of them have been issued.</summary>
public sealed class ReadHoldTests
{
    private const int Full = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_read_held_back_when_the_pipeline_stops_is_carried_out() => TaskSimulation.ForEachSeed(1, 30, simulation =>
    {
        var setup = new PipelineSetup(Full, 2, 4_096, Patience, simulation.Time, new Random(1), simulation.Scheduler, NullLogger.Instance);
        var pipeline = new ReadPipeline((_, keys, _) => ValueTask.FromResult<IReadOnlyList<Entity?>>([.. keys.Select(Read)]), new Fence(), setup);
        var read = new SingleRead(pipeline.Line);
        simulation.RunUntilIdle();
        Task stopping;
        using (ReadHold.Begin())
        {
            pipeline.Line.Enter(DataWorld.Key(1), new LaneId(Namespace.Default, null), read);
            stopping = pipeline.StopAsync();
            simulation.RunUntilIdle();
            Assert.False(stopping.IsCompleted);
        }
        simulation.RunUntilIdle();
        var answer = read.WaitAsync(CancellationToken.None);
        Assert.True(answer.IsCompleted && stopping.IsCompleted);
        Assert.Equal(7, DataWorld.Value(answer.GetAwaiter().GetResult()));
    });

    [Fact]
    public void A_pipeline_stops_although_the_only_read_held_back_was_given_up() => TaskSimulation.ForEachSeed(1, 30, simulation =>
    {
        var setup = new PipelineSetup(Full, 2, 4_096, Patience, simulation.Time, new Random(1), simulation.Scheduler, NullLogger.Instance);
        var pipeline = new ReadPipeline((_, _, _) => throw new InvalidOperationException("Nobody waits for this read."), new Fence(), setup);
        using var leaving = new CancellationTokenSource();
        var read = new SingleRead(pipeline.Line);
        simulation.RunUntilIdle();
        Task stopping;
        using (ReadHold.Begin())
        {
            pipeline.Line.Enter(DataWorld.Key(1), new LaneId(Namespace.Default, null), read);
            stopping = pipeline.StopAsync();
            var answer = read.WaitAsync(leaving.Token);
            leaving.Cancel();
            Assert.True(answer.IsCanceled || answer.IsFaulted);
        }
        simulation.RunUntilIdle();
        Assert.True(stopping.IsCompletedSuccessfully);
    });

    /// <summary>Two holds are full at the same moment, one while it reads entities, the other while it reads a lookup, and each has reads of the other's line too.</summary>
    [Fact]
    public async Task Two_threads_whose_holds_are_full_in_each_others_pipelines_do_not_wait_for_each_other_for_ever()
    {
        var time = new MeetingTime(threads: 2);
        var service = new DataService(
            new MemoryEntityStore(time, _ => { }), new DataOptions(), time, new Random(1), NullLogger<DataService>.Instance,
            lookups: new Lookups(new Dictionary<string, ILookupSource> { ["product"] = new Products() }));
        var reads = await Task.WhenAll(ReadOnAThread("Thing", "product"), ReadOnAThread("product", "Thing")).WaitAsync(Patience);
        Assert.All(reads, answers => Assert.Equal(Full, answers.Count));
        Assert.Equal([1, Full - 1], reads.Select(answers => answers.Count(entity => entity is not null)));
        Assert.Equal(2, time.Met);
        await service.DisposeAsync();

        Task<IReadOnlyList<Entity?>> ReadOnAThread(string most, string one) => Task.Factory.StartNew(
            () => new[] { 0 }.MapAsync(async (_, _) =>
            {
                IData data = service;
                var gets = new List<Task<Entity?>> { data.GetAsync(DataWorld.Key(1, kind: most)).AsTask(), data.GetAsync(DataWorld.Key(2 * Full, kind: one)).AsTask() };      // not one that both would join
                for (var id = 2; id < Full - 1; id++) gets.Add(data.GetAsync(DataWorld.Key(id, kind: most)).AsTask());
                time.MeetNowAndNext();
                gets.Add(data.GetAsync(DataWorld.Key(Full, kind: most)).AsTask());
                return (IReadOnlyList<Entity?>)await Task.WhenAll(gets);
            }),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap().ContinueWith(done => done.GetAwaiter().GetResult()[0], TaskScheduler.Default);
    }

    private static Entity? Read(Key key) => new(key, 1, DataWorld.Json(7), DateTimeOffset.UnixEpoch);

    private sealed class Products : ILookupSource
    {
        public EntityStoreLimits Limits { get; } = new("own", Slots: 2);

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct) =>
            ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>?>>([.. ids.Select(id => (ReadOnlyMemory<byte>?)DataWorld.Json(id.Number!.Value))]);

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>A clock at which threads meet: a line looks at it while it has its lock.</summary>
    private sealed class MeetingTime(int threads) : TimeProvider
    {
        private readonly ConcurrentDictionary<int, bool> _meeting = new();
        private readonly Barrier _barrier = new(threads);
        private int _met;

        public int Met => Volatile.Read(ref _met);

        /// <summary>Meets the others now, and once more when this thread looks at the clock next.</summary>
        public void MeetNowAndNext()
        {
            if (_barrier.SignalAndWait(Patience)) _meeting[Environment.CurrentManagedThreadId] = true;
        }

        public override long GetTimestamp()
        {
            if (_meeting.TryRemove(Environment.CurrentManagedThreadId, out _) && _barrier.SignalAndWait(Patience)) Interlocked.Increment(ref _met);
            return base.GetTimestamp();
        }
    }
}
