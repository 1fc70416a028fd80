using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Every scenario, in the order in which <c>all</c> runs them.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new JobsInproc(), new JobsHttp(), new JobsBulk(), new JobsLatency(), new ComputeHit(), new ComputeStampede(), new ComputeAsync(),
        new ComputeUnderJobs(), new JobsDepth(), new JobsSchedule(), new JobsWorkflow(), new JobsLimits(), new JobsSearch(), new JobsPrune(), new JobsPostgres(), new JobsNodes(), new Failover(), new NodeStart(),
        new KernelTell(), new KernelFanout(), new KernelPingpong(), new KernelAsk(), new KernelRouter(), new KernelSpawn(), new KernelLatency(),
        new Streams(), new DataLoneGet(), new DataStatements(), new DataBatch(), new DataWrite(), new DataStream(), new CommandTask(),
        new CacheHitInproc(), new CacheChurn(), new ConsoleIdle(), new ConsoleViewers(), new ConsoleFirstByte(), new TraceCost(), new LoadRate(),
    ];

    public static IScenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
