using System.Collections.Concurrent;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary>What the tracker counts, and the snapshots that others read. Counting belongs to the tracker; reading is free for all.</summary>
/// <remarks>A namespace is copied for readers once a second while somebody asks for it, else once a slot, and only when anything was counted.</remarks>
internal sealed class JobStatisticsBoard(TimeProvider time)
{
    private const int MaxNamespaces = 1_000;
    private const int MaxQueues = 100;
    private static readonly TimeSpan Interest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Namespace, Counts> _counts = [];
    private readonly ConcurrentDictionary<Namespace, JobStatistics> _published = new();
    private readonly ConcurrentDictionary<Namespace, DateTimeOffset> _wanted = new();

    public JobStatistics Read(Namespace ns)
    {
        var now = time.GetUtcNow();
        if (!_published.TryGetValue(ns, out var found)) return JobStatistics.Nothing(now);
        _wanted[ns] = now;
        return found.At(now);
    }

    /// <summary>Totals since the node's start, over all namespaces.</summary>
    public JobMeter Meter { get; } = new();

    /// <summary>A job is in another state.</summary>
    public void Moved(JobRow job, JobState? from)
    {
        if (job.State == JobState.Running && from != JobState.Running) Meter.Started(job);
        else if (job.State.IsFinal) Meter.Finished(job);
    }

    public void Submitted(JobRow job)
    {
        Meter.Submitted(job);
        if (Of(job.Namespace) is not { } counts) return;
        counts.Changed = true;
        var slot = Slot();
        counts.Submitted.Add(slot, 1);
        counts.Of(job.Queue)?.In.Add(slot, 1);
    }

    public void Ended(Job job)
    {
        if (job.Row.StartedAt is { } began) Meter.Ran(job.Row, ((job.Row.FinishedAt ?? time.GetUtcNow()) - began).TotalSeconds);
        if (Of(job.Row.Namespace) is not { } counts) return;
        counts.Changed = true;
        var slot = Slot();
        if (job.Row.State == JobState.Succeeded) counts.Succeeded.Add(slot, 1);
        else if (job.Row.State is JobState.Failed or JobState.Retrying) counts.Failed.Add(slot, 1);
        if (job.Row.State.IsFinal) counts.Of(job.Row.Queue)?.Out.Add(slot, 1);
        if (job.Row is { StartedAt: { } started, FinishedAt: { } finished }) counts.Ran((finished - started).TotalSeconds, slot);
    }

    /// <summary>Makes the counts visible; once a second.</summary>
    public void Publish()
    {
        var now = time.GetUtcNow();
        foreach (var (ns, counts) in _counts)
            if (counts.Changed && (counts.PublishedOf < TimeSlots.Of(now) || IsWanted(ns, now))) _published[ns] = counts.Snapshot(now);
    }

    private bool IsWanted(Namespace ns, DateTimeOffset now) => _wanted.TryGetValue(ns, out var asked) && asked > now - Interest;

    private long Slot() => TimeSlots.Of(time.GetUtcNow());

    private Counts? Of(Namespace ns)
    {
        if (_counts.TryGetValue(ns, out var counts)) return counts;
        if (_counts.Count == MaxNamespaces) return null;       // a stranger's flood of names must not cost memory
        _counts.Add(ns, counts = new Counts());
        return counts;
    }

    private sealed class Counts
    {
        private readonly Dictionary<string, Traffic> _queues = new(StringComparer.Ordinal);
        private readonly SlotRing _p95 = new();
        private readonly TimeHistogram _runs = new();
        private long _runsOf;

        /// <summary>Something was counted since the last snapshot.</summary>
        public bool Changed { get; set; }

        /// <summary>Slot of the last snapshot.</summary>
        public long PublishedOf { get; private set; }

        public SlotRing Submitted { get; } = new();
        public SlotRing Succeeded { get; } = new();
        public SlotRing Failed { get; } = new();

        /// <summary>Null where there are more queues than are kept.</summary>
        public Traffic? Of(string queue)
        {
            if (_queues.TryGetValue(queue, out var traffic)) return traffic;
            if (_queues.Count == MaxQueues) return null;
            _queues.Add(queue, traffic = new Traffic());
            return traffic;
        }

        public void Ran(double seconds, long slot)
        {
            Close(slot);
            _runs.Add(seconds);
        }

        public JobStatistics Snapshot(DateTimeOffset now)
        {
            var slot = TimeSlots.Of(now);
            (Changed, PublishedOf) = (false, slot);
            Close(slot);
            if (_runs.Any) _p95.Set(slot, _runs.Percentile(0.95));
            return new JobStatistics(now, Submitted.Read(slot), Succeeded.Read(slot), Failed.Read(slot), _p95.Read(slot))
            {
                Queues = _queues.Where(queue => queue.Value.Newest > slot - TimeSlots.Count)
                    .ToDictionary(queue => queue.Key, queue => new QueueFlow(queue.Value.In.Read(slot), queue.Value.Out.Read(slot), 0, 0), StringComparer.Ordinal),
            };
        }

        /// <summary>One histogram serves all slots: of one that is over, the percentile is all that is kept.</summary>
        private void Close(long slot)
        {
            if (slot <= _runsOf) return;
            if (_runs.Any) _p95.Set(_runsOf, _runs.Percentile(0.95));
            _runs.Clear();
            _runsOf = slot;
        }
    }

    private sealed class Traffic
    {
        public SlotRing In { get; } = new();
        public SlotRing Out { get; } = new();

        public long Newest => Math.Max(In.Newest, Out.Newest);
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

    public bool Any => _total > 0;

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
