namespace ActorPerf.Benchmarks.Harness;

/// <summary>One measured promise.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>What is measured and what it must reach, in one line.</summary>
    string Promises { get; }

    Task RunAsync(Pace pace, Report report);
}
