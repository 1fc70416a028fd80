using System.Diagnostics;
using System.Threading.Channels;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Streams;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What an element costs on its way through <c>Buffer → Batch → SelectAsync</c>, against a channel whose four readers gather batches by hand.</summary>
internal sealed class Streams : IScenario
{
    private const int Capacity = 16_384;
    private const int MaxBatch = 512;
    private const int Slots = 4;

    public string Name => "streams";

    public string Promises => "elements through Buffer → Batch(512) → SelectAsync(4) from 1 and 64 producers that await each: 0.8 of a hand-written channel with four slots";

    public async Task RunAsync(Pace pace, Report report)
    {
        foreach (var producers in new[] { 1, 64 })
        {
            var pairs = await Pairs.RunAsync(pace, window => StagesAsync(producers, window), window => ChannelAsync(producers, window));
            report.Add(pairs.Figures($"{producers} {(producers == 1 ? "producer" : "producers")}", "element", null, new Promise.AtLeast(0.8), new Promise.AtLeast(0.8)));
        }
    }

    private static Task<Measurement> StagesAsync(int producers, TimeSpan window) => MeasureAsync(producers, window, count =>
    {
        var buffer = new StreamBuffer<long>(Capacity);
        var run = buffer.Batch(MaxBatch, settle: 2).SelectAsync(Slots, (batch, _) => TakeAsync(batch, batch.Length, count), TaskScheduler.Default);
        return (element => buffer.OfferAsync(element), () =>
        {
            buffer.Complete();
            return run;
        });
    });

    private static Task<Measurement> ChannelAsync(int producers, TimeSpan window) => MeasureAsync(producers, window, count =>
    {
        var channel = Channel.CreateBounded<long>(new BoundedChannelOptions(Capacity) { SingleReader = false });
        var readers = Task.WhenAll(Enumerable.Range(0, Slots).Select(_ => Task.Run(() => ReadAsync(channel.Reader, count))));
        return (element => WriteAsync(channel.Writer, element), () =>
        {
            channel.Writer.Complete();
            return readers;
        });
    });

    private static async Task ReadAsync(ChannelReader<long> reader, Counter count)
    {
        var batch = new long[MaxBatch];
        while (await reader.WaitToReadAsync())
        {
            var size = 0;
            while (size < MaxBatch && reader.TryRead(out batch[size])) size++;
            if (size > 0) await TakeAsync(batch, size, count);
        }
    }

    private static ValueTask<bool> WriteAsync(ChannelWriter<long> writer, long element) => writer.TryWrite(element) ? new ValueTask<bool>(true) : WaitAsync(writer, element);

    private static async ValueTask<bool> WaitAsync(ChannelWriter<long> writer, long element)
    {
        await writer.WriteAsync(element);
        return true;
    }

    /// <summary>The same on both sides: touches each element, and lets the scheduler have its turn as a statement would.</summary>
    private static async ValueTask TakeAsync(long[] batch, int size, Counter count)
    {
        var sum = 0L;
        for (var i = 0; i < size; i++) sum += batch[i];
        await Task.Yield();
        count.Add(size, sum);
    }

    private static async Task<Measurement> MeasureAsync(int producers, TimeSpan window, Func<Counter, (Func<long, ValueTask<bool>> Offer, Func<Task> EndAsync)> make)
    {
        var count = new Counter();
        var (offer, endAsync) = make(count);
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, producers).Select(_ => Task.Run(async () =>
        {
            for (var n = 0L; (n & 255) != 0 || Stopwatch.GetElapsedTime(started) < window; n++) await offer(1);
        })));
        await endAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (count.Elements != count.Sum) throw new InvalidOperationException($"{count.Elements} elements have the sum {count.Sum}: some were lost or changed.");
        return new Measurement(count.Elements, elapsed, Usage.Here() - used);
    }

    private sealed class Counter
    {
        private long _elements;
        private long _sum;

        public long Elements => Interlocked.Read(ref _elements);

        public long Sum => Interlocked.Read(ref _sum);

        public void Add(int elements, long sum)
        {
            Interlocked.Add(ref _elements, elements);
            Interlocked.Add(ref _sum, sum);
        }
    }
}
