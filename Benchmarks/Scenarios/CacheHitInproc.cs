using System.Collections.Concurrent;
using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What a hit costs in a user's own code: a full front door, a large table, keys asked for by a power law.</summary>
internal sealed class CacheHitInproc : IScenario
{
    private const int Entries = 1_000_000, Asks = 1_000_000, PerSecond = 1_000;
    private const double Skew = 1;

    public string Name => "cache-hit-inproc";

    public string Promises => "hits of 1,000,000 entries, Zipf: 5 M/s on one thread, no allocation; p99 of a hit while 1,000 invalidations/s run";

    public async Task RunAsync(Pace pace, Report report)
    {
        var (entries, asks) = (pace.Scale(Entries), pace.Scale(Asks));
        report.Say($"{entries:N0} entries, {asks:N0} asks a run");
        await using var rig = await CacheRig.StartAsync(entries, entries + entries / 20);
        var order = CacheRig.Zipf(entries, asks, Skew);
        var bare = new ConcurrentDictionary<CacheKey, object>(rig.Kept.Select(static key => KeyValuePair.Create(key, (object)key)));
        var bytes = new List<double>();
        Subject[] subjects =
        [
            new("hits by kept keys", () => bytes.Add((double)Hit(rig, rig.Kept, order) / asks)),
            new("hits by new keys, equal to those of the entries", () => bytes.Add((double)Hit(rig, rig.Keys, order) / asks)),
            new("kept keys are only read", () => Read(rig.Kept, order)),
            new("limit: a bare concurrent dictionary, kept keys", () => Look(bare, rig.Kept, order)),
            new("limit: a bare concurrent dictionary, new keys", () => Look(bare, rig.Keys, order)),
        ];
        Subject?[] limits = [subjects[3], subjects[4], null, null, null];
        foreach (var subject in subjects) subject.Once();
        bytes.Clear();
        Stretch.Collect();      // once: nothing that is measured here allocates, and a large heap is walked for a second
        for (var i = 0; i < (pace.IsShort ? pace.Pairs : 7); i++)
            foreach (var subject in i % 2 == 0 ? subjects : subjects.Reverse()) subject.Costs.Add(await CostAsync(asks, subject.Once));
        foreach (var (subject, limit) in subjects.Zip(limits))
        {
            report.Add(new Figure(subject.Name, Rate(subject), "a second of one core's time")
            {
                Promised = subject == subjects[0] ? new Promise.AtLeast(5_000_000) : null,
                Limit = limit is null ? null : Rate(limit),
                Ratio = limit is null ? null : Spread.Of(subject.Costs.Zip(limit.Costs, static (cost, bare) => bare / cost)),
            });
        }
        report.Add(new Figure("allocated", Spread.Of(bytes), "bytes a hit") { Promised = new Promise.Exactly(0) });
        await InvalidatedAsync(rig, order, report);
    }

    private static Spread Rate(Subject subject) => Spread.Of(subject.Costs.Select(static cost => 1e9 / cost));

    /// <returns>Nanoseconds of processor time an ask.</returns>
    private static async Task<double> CostAsync(int asks, Action once)
    {
        var before = Usage.Here();
        await Stretch.OnThreadsAsync(1, _ => once());
        return (Usage.Here() - before).Cpu.TotalNanoseconds / asks;
    }

    private sealed record Subject(string Name, Action Once)
    {
        public List<double> Costs { get; } = [];
    }

    private static int _seen;

    private static void Read(CacheKey[] keys, int[] order)
    {
        var sum = 0;
        foreach (var at in order) sum += keys[at].GetHashCode();
        _seen = sum;
    }

    private static void Look(ConcurrentDictionary<CacheKey, object> bare, CacheKey[] keys, int[] order)
    {
        foreach (var at in order)
            if (!bare.TryGetValue(keys[at], out _)) throw new InvalidOperationException("A miss where everything is held.");
    }

    /// <returns>Bytes that the thread allocated.</returns>
    private static long Hit(CacheRig rig, CacheKey[] keys, int[] order)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (compute, options) = (rig.Compute, CacheRig.Options);
        foreach (var at in order)
            if (!compute.GetOrComputeAsync(keys[at], CacheRig.Computed, options, CancellationToken.None).IsCompletedSuccessfully) throw new InvalidOperationException("A miss where everything is held.");
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static async Task InvalidatedAsync(CacheRig rig, int[] order, Report report)
    {
        foreach (var invalidates in new[] { false, true })
        {
            var (stop, done) = (false, 0L);
            var invalidating = invalidates ? Stretch.OnThreadsAsync(1, _ => done = Invalidate(rig, () => Volatile.Read(ref stop))) : Task.CompletedTask;
            var nanoseconds = new List<double>(order.Length / 16);
            await Stretch.OnThreadsAsync(1, _ =>
            {
                var (compute, keys, options) = (rig.Compute, rig.Keys, CacheRig.Options);
                Task? pending = null;
                var began = Stopwatch.GetTimestamp();
                for (var i = 0; Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(3); i = (i + 1) % order.Length)
                {
                    var from = Stopwatch.GetTimestamp();
                    var answer = compute.GetOrComputeAsync(keys[order[i]], CacheRig.Computed, options, CancellationToken.None);
                    if (answer.IsCompletedSuccessfully) nanoseconds.Add(Stopwatch.GetElapsedTime(from).TotalNanoseconds);
                    else pending = answer.AsTask(); // a call that was forgotten just now: its computation is not what is measured
                }
                pending?.GetAwaiter().GetResult();
            });
            Volatile.Write(ref stop, true);
            await invalidating;
            double[] samples = [.. nanoseconds];
            var name = invalidates ? $"hit while {done / 3:N0} invalidations/s run" : "hit while nothing else runs";
            report.Add(new Figure($"{name}, p50", Spread.Of([Spread.Percentile(samples, 50)]), "ns, two clock readings included"));
            report.Add(new Figure($"{name}, p99", Spread.Of([Spread.Percentile(samples, 99)]), "ns, two clock readings included"));
        }
    }

    /// <summary>A thousand a second, of single calls and of tags that nobody has.</summary>
    private static long Invalidate(CacheRig rig, Func<bool> stopped)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        while (!stopped())
        {
            if (count > Stopwatch.GetElapsedTime(began).TotalSeconds * PerSecond)
            {
                Thread.Sleep(1);
                continue;
            }
            var what = count++ % 2 == 0
                ? new Invalidation(Namespace.Default, Tags: [$"tag-{count % 100}"])
                : new Invalidation(Namespace.Default, rig.Keys[0].Task, rig.Keys[count * 7919 % rig.Keys.Length].Args);
            rig.Compute.InvalidateAsync(what, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        return count;
    }
}
