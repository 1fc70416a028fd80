using System.Globalization;

namespace ActorPerf.Jobs;

/// <summary>Says why a queued job does not start, from what holds and how much of it is used. Pure.</summary>
internal static class FlowReasons
{
    /// <summary>Null when no limit stands in its way.</summary>
    public static string? Of(JobRow row, FlowSettings settings, FlowUse use, DateTimeOffset now)
    {
        var limits = settings.Of(row.Queue);
        if (limits.Paused) return $"queue {row.Queue} is paused";
        if (use.Queues.GetValueOrDefault(row.Queue) is { } queue && OfQueue(row.Queue, limits, queue, now) is { } stopped) return stopped;
        return row.LimitKey is { } key && use.Keys.GetValueOrDefault(key) is { } used ? OfKey(key, settings.OfKey(key, row.Queue), used, now) : null;
    }

    private static string? OfQueue(string name, QueueLimits limits, QueueUse use, DateTimeOffset now)
    {
        if (limits.Concurrency > 0 && use.Running >= limits.Concurrency) return $"queue {name}: {use.Running} of {limits.Concurrency} running";
        return UsedUp(limits.Rate, use.Starts, now) is { } until ? $"queue {name}: rate {limits.Rate} used up until {until}" : null;
    }

    private static string? OfKey(string key, KeyLimit limit, KeyUse use, DateTimeOffset now)
    {
        if (limit.Concurrency > 0 && use.Running >= limit.Concurrency) return $"limit key {key}: {use.Running} of {limit.Concurrency} running";
        return UsedUp(limit.Rate, use.Starts, now) is { } until ? $"limit key {key}: rate {limit.Rate} used up until {until}" : null;
    }

    private static string? UsedUp(Rate rate, RateWindow starts, DateTimeOffset now) =>
        !rate.IsNone && starts.Free(rate, now) == 0 && starts.NextAt(rate, now) is { } until
            ? until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            : null;
}
