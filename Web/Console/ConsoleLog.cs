using ActorPerf.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Console;

/// <summary>Every log line of the console, ids 6100-6199.</summary>
internal static partial class ConsoleLog
{
    public static void PageFailed(this ILogger log, Exception fault, string path, string requestId) =>
        log.PageFailed(LoggedFault.Stack(fault), path, requestId, LoggedFault.Words(fault));

    [LoggerMessage(EventId = 6100, Level = LogLevel.Error, Message = "Console page {Path} failed (request {RequestId}): {Reason}")]
    private static partial void PageFailed(this ILogger log, Exception? fault, string path, string requestId, string reason);

    [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message = "Console sign-in refused for {Address}: {Reason}")]
    public static partial void SignInRefused(this ILogger log, string address, string reason);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Information, Message = "{Who} signed in to the console from {Address}")]
    public static partial void SignedIn(this ILogger log, string who, string address);

    [LoggerMessage(EventId = 6103, Level = LogLevel.Information, Message = "{Who} asked in the console to {Action} {Subject} of {Namespace}")]
    public static partial void Operated(this ILogger log, string who, string action, string subject, string @namespace);

    public static void SampleFailed(this ILogger log, Exception fault, string topic) =>
        log.SampleFailed(LoggedFault.Stack(fault), topic, LoggedFault.Words(fault));

    [LoggerMessage(EventId = 6104, Level = LogLevel.Warning, Message = "Console view {Topic} could not be sampled; watchers see it grow stale: {Reason}")]
    private static partial void SampleFailed(this ILogger log, Exception? fault, string topic, string reason);
}
