using ActorPerf.Tasks;

namespace Shop;

public sealed record ReportArgs(int Year);

public sealed record Report(int Year, int Orders);

[ComputeTask("report", Summary = "Counts the orders of a year.", Memoize = "5m", Timeout = "10m")]
public sealed class ReportTask(OrderBook orders) : IComputeTask<ReportArgs, Report>
{
    public async ValueTask<Report> RunAsync(ReportArgs args, TaskContext context, CancellationToken ct)
    {
        context.Progress(0, $"reading {args.Year}");
        return new Report(args.Year, await orders.CountAsync(args.Year, ct));
    }
}
