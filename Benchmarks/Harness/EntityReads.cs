using System.Diagnostics;
using System.Text;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>What <c>data-batch</c> is held against: the same entities read with a statement for each key, and with hand-written statements of a given size.</summary>
internal abstract class EntityReads : IAsyncDisposable
{
    public const string Kind = "Account";
    private const int WriteBatch = 500;

    public static Namespace Namespace { get; } = Namespace.Parse("bench");

    public abstract IEntityStore Store { get; }

    /// <summary>How many entities there are; their ids are 1 to that.</summary>
    public int Count { get; private set; }

    /// <summary>Writes entities of about 120 bytes.</summary>
    public async Task FillAsync(int count)
    {
        for (var first = 1; first <= count; first += WriteBatch)
        {
            var writes = Enumerable.Range(first, Math.Min(WriteBatch, count - first + 1)).Select(id => (EntityWrite)new EntityWrite.Insert(Key(id), Json(id))).ToArray();
            await Store.WriteManyAsync(Namespace, writes, CancellationToken.None);
        }
        Count = count;
    }

    /// <summary>Callers that each await one get after another, each get a statement of its own.</summary>
    public async Task<Measurement> OneByOneAsync(int callers, TimeSpan window)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var reads = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            var done = 0L;
            for (; Stopwatch.GetElapsedTime(started) < window; done++) await Store.ReadManyAsync(Namespace, [Key(random.Next(1, Count + 1))], CancellationToken.None);
            return done;
        })));
        return new Measurement(reads.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    /// <summary>As many readers as the store has slots, each reading batch after batch and nothing else. Operations are keys.</summary>
    public async Task<Measurement> BatchesAsync(int batch, TimeSpan window)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var reads = await Task.WhenAll(Enumerable.Range(0, Store.Limits.Slots).Select(reader => RunAsync(() =>
        {
            var random = new Random(reader);
            return ReadAsync(() => Stopwatch.GetElapsedTime(started) < window, () => Ids(random, batch));
        })));
        return new Measurement(reads.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    /// <summary>One reader that reads one entity after another with the bare driver.</summary>
    /// <returns>How long each took, in µs: from when its id was asked for until the next one's was.</returns>
    public virtual async Task<IReadOnlyList<double>> OneAtATimeAsync(int samples)
    {
        var times = new List<double>(samples);
        await RunAsync(() =>
        {
            var random = new Random(1);
            var began = 0L;
            return ReadAsync(() => times.Count < samples, () =>
            {
                if (began != 0) times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
                var ids = Ids(random, 1);
                began = Stopwatch.GetTimestamp();
                return ids;
            });
        });
        return times;
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Reads one batch after another on a connection of its own.</summary>
    /// <returns>Entities read.</returns>
    protected abstract Task<long> ReadAsync(Func<bool> more, Func<EntityId[]> next);

    /// <summary>Where a reader runs: a thread of its own for a driver that blocks.</summary>
    protected virtual Task<long> RunAsync(Func<Task<long>> reader) => Task.Run(reader);

    private static Key Key(long id) => Data.Key.Of(Namespace, Kind, id);

    private static byte[] Json(int id) => Encoding.UTF8.GetBytes($$"""{"email":"someone{{id}}@example.org","name":"Somebody {{id}}","city":"City {{id % 1000}}","balance":{{id % 100_000}}.25}""");

    private EntityId[] Ids(Random random, int batch)
    {
        var ids = new EntityId[batch];
        for (var i = 0; i < batch; i++) ids[i] = random.Next(1, Count + 1);
        return ids;
    }
}
