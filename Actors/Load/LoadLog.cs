namespace ActorPerf.Load;

/// <summary>What load tests log: ids 2450-2499.</summary>
internal static partial class LoadLog
{
    [LoggerMessage(EventId = 2450, Level = LogLevel.Information, Message = "Load test {Run} of '{Scenario}' against {Host} begins: {Model}, at most {Seconds} s, seed {Seed}")]
    public static partial void RunBegan(this ILogger log, Guid run, string scenario, Uri host, string model, double seconds, int seed);

    [LoggerMessage(EventId = 2451, Level = LogLevel.Error, Message = "Load test {Run} failed")]
    public static partial void RunFailed(this ILogger log, Exception exception, Guid run);
}
