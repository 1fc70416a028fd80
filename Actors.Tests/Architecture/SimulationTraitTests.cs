namespace ActorPerf.Tests.Architecture;

/// <summary>Simulated tests can be chosen and left out by their trait.</summary>
public sealed class SimulationTraitTests
{
    [Fact]
    public void Tests_that_run_under_a_seed_carry_the_trait() =>
        Assert.Empty(SourceTree.Files("Actors.Tests", ".cs")
            .Where(file => file.Code.Contains("ActorSimulation", StringComparison.Ordinal) && file.Code.Contains("[Fact]", StringComparison.Ordinal))
            .Where(file => !file.Text.Contains("[Trait(\"Kind\", \"Simulation\")]", StringComparison.Ordinal))
            .Select(file => file.Name));
}
