using System.Data.Common;
using System.Net.Sockets;

namespace ActorPerf.Cluster;

/// <summary>How the log tells of a fault. A store that is away for a while (a database server that starts again) is expected, and a line: whoever needs it tries again, and where
/// they stood says nothing. Whatever else happened is told with its stack.</summary>
public static class LoggedFault
{
    /// <summary>What is logged as an exception, with its stack; null where the store is just away.</summary>
    public static Exception? Stack(Exception fault) => IsAway(fault) ? null : fault;

    /// <summary>Type and message in one line, and those of the causes inside that the message does not repeat.</summary>
    public static string Words(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var words = $"{fault.GetType().Name}: {fault.Message}";
        for (var inner = fault.InnerException; inner is not null; inner = inner.InnerException)
            if (!words.Contains(inner.Message, StringComparison.Ordinal)) words += $" <- {inner.GetType().Name}: {inner.Message}";
        return words.ReplaceLineEndings(" ");
    }

    private static bool IsAway(Exception fault) => fault switch
    {
        AggregateException many => many.InnerExceptions.Count > 0 && many.InnerExceptions.All(IsAway),
        // Around a fault of ours it would hide where that was made.
        StoreUnavailableException { InnerException: { } inner } => inner is DbException or IOException or SocketException or TimeoutException || IsAway(inner),
        _ => fault is StoreUnavailableException,
    };
}
