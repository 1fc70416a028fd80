namespace ActorPerf.Tasks.Commands;

/// <summary>What command tasks log: ids 1400-1499.</summary>
internal static partial class CommandLog
{
    [LoggerMessage(EventId = 1400, Level = LogLevel.Warning, Message = "Ended {Count} processes that a node before this one had left behind: {Processes}")]
    public static partial void OrphansEnded(this ILogger log, int count, string processes);

    [LoggerMessage(EventId = 1401, Level = LogLevel.Information, Message = "Ended {Count} processes that calls of command tasks had left running")]
    public static partial void LeftoversEnded(this ILogger log, int count);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Debug, Message = "Worker {Process} of task {Task} started")]
    public static partial void WorkerStarted(this ILogger log, string task, int process);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Warning, Message = "Worker {Process} of task {Task} ended: {Reason}")]
    public static partial void WorkerEnded(this ILogger log, string task, int process, string reason);
}
