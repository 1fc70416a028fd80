using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What the tracker counts, and the snapshots that others read. Counting belongs to the tracker; reading is free for all.</summary>
internal sealed class JobStatisticsBoard(TimeProvider time)
{
    private const int Buckets = 90;
    private const int BucketSeconds = 10;
    private const int MaxNamespaces = 1_000;

    private readonly Dictionary<Namespace, Counts> _counts = [];
    private readonly ConcurrentDictionary<Namespace, JobStatistics> _published = new();

    public JobStatistics Read(Namespace ns) => _published.TryGetValue(ns, out var found)
        ? found
        : new JobStatistics(time.GetUtcNow(), new long[Buckets], new long[Buckets], new long[Buckets], new double[Buckets]);

    public void Submitted(Namespace ns, int count)
    {
        if (Of(ns) is { } counts) counts.Current(Now()).Submitted += count;
    }

    public void Ended(Job job)
    {
        if (Of(job.Row.Namespace) is not { } counts) return;
        var bucket = counts.Current(Now());
        if (job.Row.State == JobState.Succeeded) bucket.Succeeded++;
        else if (job.Row.State is JobState.Failed or JobState.Retrying) bucket.Failed++;
        if (job.Row is { StartedAt: { } started, FinishedAt: { } finished }) bucket.Runs.Add((finished - started).TotalSeconds);
    }

    /// <summary>Makes the counts visible; once a second.</summary>
    public void Publish()
    {
        foreach (var (ns, counts) in _counts) _published[ns] = counts.Snapshot(Now(), time.GetUtcNow());
    }

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds() / BucketSeconds;

    private Counts? Of(Namespace ns)
    {
        if (_counts.TryGetValue(ns, out var counts)) return counts;
        if (_counts.Count == MaxNamespaces) return null;       // a stranger's flood of names must not cost memory
        _counts.Add(ns, counts = new Counts());
        return counts;
    }

    private sealed class Counts
    {
        private readonly Bucket[] _buckets = [.. Enumerable.Range(0, Buckets).Select(_ => new Bucket())];

        public Bucket Current(long now)
        {
            var bucket = _buckets[now % Buckets];
            if (bucket.Number != now) bucket.Reset(now);
            return bucket;
        }

        public JobStatistics Snapshot(long now, DateTimeOffset until)
        {
            var submitted = new long[Buckets];
            var succeeded = new long[Buckets];
            var failed = new long[Buckets];
            var p95 = new double[Buckets];
            for (var i = 0; i < Buckets; i++)
            {
                var number = now - Buckets + 1 + i;
                var bucket = _buckets[number % Buckets];
                if (bucket.Number != number) continue;
                (submitted[i], succeeded[i], failed[i], p95[i]) = (bucket.Submitted, bucket.Succeeded, bucket.Failed, bucket.Runs.Percentile(0.95));
            }
            // The bucket under way is not full yet: the rate is of the one before it and this one over their common time.
            var seconds = BucketSeconds + 1 + (until.ToUnixTimeSeconds() % BucketSeconds);
            var finished = succeeded[^1] + succeeded[^2] + failed[^1] + failed[^2];
            return new JobStatistics(until, submitted, succeeded, failed, p95) { FinishedPerSecond = (double)finished / seconds };
        }
    }

    private sealed class Bucket
    {
        public long Number { get; private set; }
        public long Submitted { get; set; }
        public long Succeeded { get; set; }
        public long Failed { get; set; }
        public TimeHistogram Runs { get; } = new();

        public void Reset(long number)
        {
            (Number, Submitted, Succeeded, Failed) = (number, 0, 0, 0);
            Runs.Clear();
        }
    }
}

/// <summary>Times in buckets that grow by a quarter: a percentile is right to 12 %. From 10 µs to 100 days.</summary>
internal sealed class TimeHistogram
{
    private const double Smallest = 1e-5;
    private const double Growth = 1.25;
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly int[] _counts = new int[128];
    private int _total;

    public void Add(double seconds)
    {
        var index = seconds <= Smallest ? 0 : (int)(Math.Log(seconds / Smallest) / LogGrowth);
        _counts[Math.Min(index, _counts.Length - 1)]++;
        _total++;
    }

    /// <param name="share">0 to 1.</param>
    /// <returns>In seconds; 0 when nothing was added.</returns>
    public double Percentile(double share)
    {
        if (_total == 0) return 0;
        var wanted = (int)Math.Ceiling(share * _total);
        for (int i = 0, seen = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return Smallest * Math.Pow(Growth, i + 0.5);
        }
        return Smallest * Math.Pow(Growth, _counts.Length);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _total = 0;
    }
}
