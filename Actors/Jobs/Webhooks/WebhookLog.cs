using ActorPerf.Cluster;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Every log line of webhooks: ids 2300 to 2399. Of an address no more than its host, for the rest may hold a token; never a secret.</summary>
internal static partial class WebhookLog
{
    public static void LookFailed(this ILogger log, Exception cause, long retryMs) =>
        log.LookFailed(LoggedFault.Stack(cause), retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "Due deliveries could not be read; tried again in {RetryMs} ms: {Reason}")]
    private static partial void LookFailed(this ILogger log, Exception? cause, long retryMs, string reason);

    public static void NotSent(this ILogger log, Exception cause, Guid delivery, string @namespace, string webhook, long retryMs) =>
        log.NotSent(LoggedFault.Stack(cause), delivery, @namespace, webhook, retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2302, Level = LogLevel.Warning, Message = "Delivery {Delivery} of webhook {Namespace}/{Webhook} could not be prepared; tried again in {RetryMs} ms: {Reason}")]
    private static partial void NotSent(this ILogger log, Exception? cause, Guid delivery, string @namespace, string webhook, long retryMs, string reason);

    public static void NotWritten(this ILogger log, Exception cause, Guid delivery, long retryMs) =>
        log.NotWritten(LoggedFault.Stack(cause), delivery, retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning, Message = "What came of delivery {Delivery} could not be written; tried again in {RetryMs} ms: {Reason}")]
    private static partial void NotWritten(this ILogger log, Exception? cause, Guid delivery, long retryMs, string reason);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Warning, Message = "Delivery {Delivery} of webhook {Namespace}/{Webhook} failed for good after {Attempts} attempts: status {Status}, {Error}")]
    public static partial void Failed(this ILogger log, Guid delivery, string @namespace, string webhook, int attempts, int? status, string? error);

    [LoggerMessage(EventId = 2305, Level = LogLevel.Warning, Message = "Webhook {Namespace}/{Webhook} is gone: its receiver answered 410. Put it again to go on")]
    public static partial void Gone(this ILogger log, string @namespace, string webhook);
}
