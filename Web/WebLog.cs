using ActorPerf.Cluster;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web;

/// <summary>Every log line of the web part, ids 4100-4199.</summary>
internal static partial class WebLog
{
    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "{Method} {Path} failed (request {RequestId})")]
    public static partial void RequestFailed(this ILogger log, Exception fault, string method, string path, string requestId);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "{Method} {Path} not answered, the store is away (request {RequestId}): {Reason}")]
    public static partial void StoreAway(this ILogger log, string method, string path, string requestId, string reason);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Warning, Message = "Refusal code '{Code}' has no row in the table of problems; answered as 400")]
    public static partial void UnknownCode(this ILogger log, string code);

    [LoggerMessage(EventId = 4110, Level = LogLevel.Warning, Message = "Keys file {File} cannot be read, the keys known so far stand: {Reason}")]
    public static partial void KeysFileUnreadable(this ILogger log, string file, string reason);

    [LoggerMessage(EventId = 4111, Level = LogLevel.Warning, Message = "Keys file {File}, line ignored: {Fault}")]
    public static partial void KeysFileFault(this ILogger log, string file, string fault);

    [LoggerMessage(EventId = 4112, Level = LogLevel.Warning, Message = "Key {Name} ignored: its hash is not 'sha256:' and 64 hexadecimal digits")]
    public static partial void KeyIgnored(this ILogger log, string name);

    public static void NotAudited(this ILogger log, Exception fault, string who, string action, string target) =>
        log.NotAudited(LoggedFault.Stack(fault), who, action, target, LoggedFault.Words(fault));

    [LoggerMessage(EventId = 4120, Level = LogLevel.Error, Message = "{Who} did {Action} to '{Target}', and the audit could not be written: {Reason}")]
    private static partial void NotAudited(this ILogger log, Exception? fault, string who, string action, string target, string reason);
}
