namespace ActorPerf.Data;

/// <summary>What leaving a scope throws: with what was asked, and where in the source.</summary>
internal static class ScopeFailures
{
    private const int MaxNames = 20;

    /// <summary>Such as <c>Put Account/12 (Orders.cs:31), Delete Cart/7 (Orders.cs:33)</c>.</summary>
    public static string Names(ScopeOperation[] pending) =>
        string.Join(", ", pending.Take(MaxNames)) + (pending.Length > MaxNames ? $" and {pending.Length - MaxNames} more" : "");

    public static TimeoutException StillUnderWay(ScopeOperation[] pending, TimeSpan patience) => new(
        $"After {patience.TotalSeconds:0.###} s {pending.Length} operations of the scope were still under way: {Names(pending)}. "
        + "They may still take place. Await them earlier, allow the request more time, or raise actorperf.data.drain-timeout.");

    /// <param name="operations">Failed ones.</param>
    /// <param name="more">Failures beyond those.</param>
    public static UnawaitedWritesException Unseen(IReadOnlyList<ScopeOperation> operations, int more)
    {
        var losses = operations.Select(operation => (Operation: operation, Loss: operation.Loss!)).ToList();
        return new UnawaitedWritesException(losses.ConvertAll(failed => $"{failed.Operation}: {failed.Loss.Message}"), losses.ConvertAll(failed => failed.Loss), more);
    }
}
