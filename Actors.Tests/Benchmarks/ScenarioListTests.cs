using ActorPerf.Benchmarks.Scenarios;

namespace ActorPerf.Tests.Benchmarks;

public sealed class ScenarioListTests
{
    [Fact]
    public void Every_measured_promise_has_its_scenario()
    {
        string[] promised =
        [
            "jobs-inproc", "jobs-http", "jobs-bulk", "jobs-latency", "compute-hit", "compute-stampede", "compute-async", "compute-under-jobs", "jobs-depth", "jobs-schedule", "jobs-workflow", "jobs-limits", "jobs-search", "jobs-prune", "jobs-postgres", "jobs-nodes", "failover", "node-start",
            "kernel-tell", "kernel-fanout", "kernel-pingpong", "kernel-ask", "kernel-router", "kernel-spawn", "kernel-latency",
            "streams", "data-lone-get", "data-statements", "data-batch", "data-write", "data-stream", "command-task",
            "cache-hit-inproc", "cache-churn", "console-idle", "console-viewers", "console-first-byte", "trace-cost", "load-rate",
        ];
        Assert.Equal(promised, ScenarioList.All.Select(scenario => scenario.Name));
        Assert.All(ScenarioList.All, scenario => Assert.NotEmpty(scenario.Promises));
    }

    [Fact]
    public void A_scenario_is_found_by_its_exact_name()
    {
        Assert.Equal("compute-hit", ScenarioList.Find("compute-hit")?.Name);
        Assert.Null(ScenarioList.Find("compute"));
    }
}
