using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>Every log line of the kernel, ids 1100-1199.</summary>
internal static partial class KernelLog
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Actor {Path} failed: {Reason}; supervisor's verdict: {Directive}")]
    public static partial void ActorFailed(this ILogger log, Exception cause, string path, string reason, Directive directive);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "Actor {Path} failed and goes on: {Reason}")]
    public static partial void ActorResumed(this ILogger log, string path, string reason);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Error, Message = "{Hook} of actor {Path} threw; the actor goes on to its end or restart")]
    public static partial void HookFailed(this ILogger log, Exception cause, string path, string hook);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Error, Message = "Actor {Path} failed outside of any handler; the failure is a bug of the kernel")]
    public static partial void CellFailed(this ILogger log, Exception cause, string path);

    [LoggerMessage(EventId = 1110, Level = LogLevel.Debug, Message = "{MessageType} for {Recipient} from {Sender} reached nobody")]
    public static partial void MessageUndelivered(this ILogger log, string messageType, string recipient, string sender);

    [LoggerMessage(EventId = 1111, Level = LogLevel.Debug, Message = "{MessageType} was not handled by {Recipient}")]
    public static partial void MessageUnhandled(this ILogger log, string messageType, string recipient);

    [LoggerMessage(EventId = 1120, Level = LogLevel.Error, Message = "A scheduled action threw; it is not run again unless it repeats")]
    public static partial void ScheduledActionFailed(this ILogger log, Exception cause);

    [LoggerMessage(EventId = 1130, Level = LogLevel.Warning, Message = "Shutdown phase {Phase}: task {Task} failed; the shutdown goes on")]
    public static partial void ShutdownTaskFailed(this ILogger log, Exception cause, string phase, string task);

    [LoggerMessage(EventId = 1131, Level = LogLevel.Warning, Message = "Shutdown phase {Phase} did not end within {TimeoutMs} ms; the shutdown goes on")]
    public static partial void ShutdownPhaseTimedOut(this ILogger log, string phase, long timeoutMs);

    [LoggerMessage(EventId = 1132, Level = LogLevel.Error, Message = "Shutdown phase {Phase} failed and may not recover; the shutdown ends here and the actors live on")]
    public static partial void ShutdownEnded(this ILogger log, Exception cause, string phase);

    [LoggerMessage(EventId = 1140, Level = LogLevel.Warning, Message = "Router {Path}: {MessageType} has no hash key. Implement IConsistentHashable or give the pool a hash mapping")]
    public static partial void NoHashKey(this ILogger log, string path, string messageType);
}
