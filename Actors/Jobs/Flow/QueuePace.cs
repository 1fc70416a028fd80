using System.Collections.Concurrent;

namespace ActorPerf.Jobs;

/// <summary>How many runs of each queue end, on whichever node, over the last minute. The tracker counts; reading is free for all.</summary>
/// <remarks>In buckets of five seconds. The rate is over the time since the first run that was counted, at most the last minute and at least
/// one bucket, so that a node that has just started does not pass for a slow one.</remarks>
internal sealed class QueuePace(TimeProvider time)
{
    private const int Buckets = 12;
    private const int BucketSeconds = 5;
    private const int MaxQueues = 10_000;

    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public void Ended(string queue, int count = 1)
    {
        var now = Now();
        if (!_lines.TryGetValue(queue, out var line))
        {
            if (_lines.Count >= MaxQueues) return;
            line = _lines.GetOrAdd(queue, _ => new Line(now));
        }
        line.Add(now, count);
    }

    /// <summary>Runs a second; 0 when none ended in the last minute.</summary>
    public double PerSecond(string queue) => _lines.TryGetValue(queue, out var line) ? line.PerSecond(Now()) : 0;

    /// <summary>When a queued job starts: now, and for each job up to and with itself the time between two ends of runs of its queue in the last minute.</summary>
    /// <param name="position">Its place in the line, from 1.</param>
    /// <returns>Null when no run ended in the last minute.</returns>
    public DateTimeOffset? Start(string queue, int position)
    {
        var pace = PerSecond(queue);
        return pace <= 0 ? null : time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(position / pace, TimeSpan.FromDays(365).TotalSeconds));
    }

    /// <summary>When a full queue is likely to have room for more, between 1 s and 1 min; 2 s when nothing is known.</summary>
    public TimeSpan Room(string queue, long wanted) =>
        PerSecond(queue) is > 0 and var pace ? TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(wanted / pace), 1, 60)) : TimeSpan.FromSeconds(2);

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds() / BucketSeconds;

    /// <summary>Written by one thread; a reader may see a count that is a moment old.</summary>
    private sealed class Line(long since)
    {
        private readonly long[] _numbers = new long[Buckets];
        private readonly long[] _counts = new long[Buckets];

        public void Add(long now, int count)
        {
            var place = now % Buckets;
            if (_numbers[place] != now) (_numbers[place], _counts[place]) = (now, 0);
            _counts[place] += count;
        }

        public double PerSecond(long now)
        {
            long ended = 0;
            for (var i = 0; i < Buckets; i++)
                if (_numbers[i] > now - Buckets) ended += _counts[i];
            return (double)ended / (BucketSeconds * Math.Clamp(now - since + 1, 1, Buckets));
        }
    }
}
