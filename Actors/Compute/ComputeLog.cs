namespace ActorPerf.Compute;

/// <summary>What the pools of compute actors log: ids 1300-1399.</summary>
internal static partial class ComputeLog
{
    [LoggerMessage(EventId = 1300, Level = LogLevel.Debug, Message = "Pool of queue {Queue} started with {Routees} routees")]
    public static partial void PoolStarted(this ILogger log, string queue, int routees);

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "Routee {Routee} of queue {Queue} was lost while it ran {Task}; the attempt failed as routee-lost")]
    public static partial void RouteeLost(this ILogger log, string queue, string routee, string task);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning,
        Message = "A run of {Task} on queue {Queue} did not follow its token and was given up; {Abandoned} such runs still hold their routees")]
    public static partial void Abandoned(this ILogger log, string queue, string task, int abandoned);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Error,
        Message = "Queue {Queue} takes no more jobs: {Abandoned} abandoned runs hold their routees (bound {Bound}). Mend the tasks that ignore their token, or restart the node")]
    public static partial void Closed(this ILogger log, string queue, int abandoned, int bound);

    [LoggerMessage(EventId = 1304, Level = LogLevel.Information, Message = "Queue {Queue} takes jobs again: {Abandoned} abandoned runs left")]
    public static partial void Opened(this ILogger log, string queue, int abandoned);

    [LoggerMessage(EventId = 1305, Level = LogLevel.Warning, Message = "Pool of queue {Queue} is {Missing} routees short; adding them")]
    public static partial void Refilled(this ILogger log, string queue, int missing);

    [LoggerMessage(EventId = 1306, Level = LogLevel.Warning, Message = "A job was started at queue {Queue} without a permit; it waits for the next routee")]
    public static partial void StartedWithoutPermit(this ILogger log, string queue);
}
