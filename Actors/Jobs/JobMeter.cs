using System.Collections.Concurrent;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Jobs;

/// <summary>Totals of the jobs that this node submitted, started and ended, since it started. Written by the tracker, read by anyone.</summary>
/// <remarks>Callers choose names of queues, so their number is bounded: beyond it jobs count under <see cref="Others"/>.</remarks>
internal sealed class JobMeter
{
    /// <summary>Queues and tasks counted apart.</summary>
    public const int MaxLines = 500;

    /// <summary>The queue that jobs of further queues count under.</summary>
    public const string Others = "_other";

    private readonly ConcurrentDictionary<(string Queue, string Task), Line> _lines = new();
    private readonly ConcurrentDictionary<string, Times> _queues = new(StringComparer.Ordinal);

    public void Submitted(JobRow job) => Interlocked.Increment(ref Of(job).Submitted);

    /// <summary>A run began: how long after it was due.</summary>
    public void Started(JobRow job)
    {
        if (job.StartedAt is { } started) TimesOf(job.Queue).Wait.Add((started - job.RunAt).TotalSeconds);
    }

    /// <summary>A run ended.</summary>
    public void Ran(JobRow job, double seconds) => TimesOf(job.Queue).Run.Add(seconds);

    /// <summary>A job became final.</summary>
    public void Finished(JobRow job)
    {
        var line = Of(job);
        switch (job.State)
        {
            case JobState.Succeeded: Interlocked.Increment(ref line.Succeeded); break;
            case JobState.Failed: Interlocked.Increment(ref line.Failed); break;
            case JobState.Cancelled: Interlocked.Increment(ref line.Cancelled); break;
            case JobState.Expired: Interlocked.Increment(ref line.Expired); break;
            default: break;
        }
    }

    public IEnumerable<MetricFamily> Read()
    {
        var lines = _lines.OrderBy(static line => line.Key.Queue, StringComparer.Ordinal).ThenBy(static line => line.Key.Task, StringComparer.Ordinal).ToList();
        yield return MetricFamily.Counters("actorperf_jobs_submitted_total", "Jobs that this node accepted.",
            lines.Select(static line => MetricPoint.Of(Interlocked.Read(ref line.Value.Submitted), ("queue", line.Key.Queue), ("task", line.Key.Task))));
        yield return MetricFamily.Counters("actorperf_jobs_finished_total", "Jobs that became final on this node, by how.", lines.SelectMany(Outcomes));
        var queues = _queues.OrderBy(static queue => queue.Key, StringComparer.Ordinal).ToList();
        yield return MetricFamily.Histograms("actorperf_job_wait_seconds", "From when a job was due to the start of a run.",
            queues.Select(static queue => queue.Value.Wait.Read(("queue", queue.Key))));
        yield return MetricFamily.Histograms("actorperf_job_run_seconds", "From the start of a run to its end.",
            queues.Select(static queue => queue.Value.Run.Read(("queue", queue.Key))));
    }

    private static IEnumerable<MetricPoint> Outcomes(KeyValuePair<(string Queue, string Task), Line> line)
    {
        var (queue, task) = line.Key;
        yield return MetricPoint.Of(Interlocked.Read(ref line.Value.Cancelled), ("queue", queue), ("task", task), ("outcome", "cancelled"));
        yield return MetricPoint.Of(Interlocked.Read(ref line.Value.Expired), ("queue", queue), ("task", task), ("outcome", "expired"));
        yield return MetricPoint.Of(Interlocked.Read(ref line.Value.Failed), ("queue", queue), ("task", task), ("outcome", "failed"));
        yield return MetricPoint.Of(Interlocked.Read(ref line.Value.Succeeded), ("queue", queue), ("task", task), ("outcome", "succeeded"));
    }

    private Line Of(JobRow job)
    {
        if (_lines.TryGetValue((job.Queue, job.Task), out var line)) return line;
        // The tracker alone adds, so that looking and adding need no lock. Tasks are bounded by the catalog.
        var queue = _lines.Count < MaxLines ? job.Queue : Others;
        return _lines.GetOrAdd((queue, job.Task), static _ => new Line());
    }

    private Times TimesOf(string queue)
    {
        if (_queues.TryGetValue(queue, out var times)) return times;
        return _queues.GetOrAdd(_queues.Count < MaxLines ? queue : Others, static _ => new Times());
    }

    private sealed class Line
    {
        public long Submitted;
        public long Succeeded;
        public long Failed;
        public long Cancelled;
        public long Expired;
    }

    private sealed class Times
    {
        public BucketCounter Wait { get; } = new(BucketCounter.Seconds);
        public BucketCounter Run { get; } = new(BucketCounter.Seconds);
    }
}
