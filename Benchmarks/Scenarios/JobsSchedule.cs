using ActorPerf.Benchmarks.Harness;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Many schedules that fire at the same second.</summary>
internal sealed class JobsSchedule : IScenario
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public string Name => "jobs-schedule";

    public string Promises => "10,000 schedules that fire every minute: how long after the minute the last job is durable, and what a tick costs; printed";

    public async Task RunAsync(Pace pace, Report report)
    {
        var count = pace.Scale(10_000);
        using var data = new DataFolder();
        await using var node = await NodeInProcess.StartAsync(data.Path);
        var definition = new ScheduleDefinition { Cron = "* * * * *", Task = NoopTask.Name, Overlap = ScheduleOverlap.Queue };
        report.Say($"putting {count:#,0} schedules");
        for (var i = 0; i < count; i++) await node.Runtime.Schedules.PutAsync(Namespace.Default, $"s{i}", definition, CancellationToken.None);

        var before = await SubmittedAsync(node);
        var tick = Minute(DateTimeOffset.UtcNow) + TimeSpan.FromMinutes(1);
        await Task.Delay(tick - DateTimeOffset.UtcNow);
        // Those that were put before a minute ended have fired in it; the count starts at the tick.
        var (used, made) = (Environment.CpuUsage.TotalTime, Math.Max(before, 0));
        while (await SubmittedAsync(node) - made < count) await Task.Delay(Look);
        var late = DateTimeOffset.UtcNow - tick;
        report.Add(new Figure("last job durable after the tick", Spread.Of([late.TotalSeconds]), "s"));
        report.Add(new Figure("processor", Spread.Of([(Environment.CpuUsage.TotalTime - used).TotalMicroseconds / count]), "µs/tick"));
    }

    private static DateTimeOffset Minute(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private static async Task<long> SubmittedAsync(NodeInProcess node) => (await node.Jobs.CountsAsync(Namespace.Default, CancellationToken.None)).Sum(counted => counted.Count);
}
