namespace ActorPerf.Load.Figures;

/// <summary>What keeping the figures of load tests logs: ids 2400-2449.</summary>
internal static partial class FigureLog
{
    [LoggerMessage(EventId = 2400, Level = LogLevel.Warning,
        Message = "The report of load test {Run} could not be kept in {Folder}; it stays in memory until five later runs have ended")]
    public static partial void ReportNotKept(this ILogger log, Exception fault, Guid run, string folder);

    [LoggerMessage(EventId = 2401, Level = LogLevel.Information,
        Message = "Load test {Run} of {Scenario} against {Host} ended as {Verdict}: {Requests} requests, {Failures} failed")]
    public static partial void RunEnded(this ILogger log, Guid run, string scenario, Uri host, LoadVerdict verdict, long requests, long failures);
}
