using ActorPerf.Cluster;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Every log line of schedules: ids 2200 to 2299.</summary>
internal static partial class ScheduleLog
{
    public static void LoadFailed(this ILogger log, Exception cause, long retryMs) =>
        log.LoadFailed(LoggedFault.Stack(cause), retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "Schedules could not be read; tried again in {RetryMs} ms: {Reason}")]
    private static partial void LoadFailed(this ILogger log, Exception? cause, long retryMs, string reason);

    public static void FiringFailed(this ILogger log, Exception cause, int count, long retryMs) =>
        log.FiringFailed(LoggedFault.Stack(cause), count, retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "The due ticks of {Count} schedules could not be handled; tried again in {RetryMs} ms: {Reason}")]
    private static partial void FiringFailed(this ILogger log, Exception? cause, int count, long retryMs, string reason);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "Schedule {Namespace}/{Schedule}: tick {Tick:O} has no job: {Reason}")]
    public static partial void TickRefused(this ILogger log, string @namespace, string schedule, DateTimeOffset tick, string? reason);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning, Message = "Schedule {Namespace}/{Schedule} cannot fire: {Reason}")]
    public static partial void CannotFire(this ILogger log, string @namespace, string schedule, string reason);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Information, Message = "{Count} schedules, {Paused} of them paused")]
    public static partial void Loaded(this ILogger log, int count, int paused);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Information, Message = "Schedule {Namespace}/{Schedule} skipped tick {Tick:O}: {Reason}")]
    public static partial void TickSkipped(this ILogger log, string @namespace, string schedule, DateTimeOffset tick, string? reason);
}
