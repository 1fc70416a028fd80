namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>The catalogue of faults: each comes and goes under load, and then every promise must hold.</summary>
[Collection(nameof(ProofCollection))]
public sealed class FaultTests(ProofServer server, ITestOutputHelper output)
{
    /// <summary>Names a part of the names of those that are to be run alone: <c>F-48</c>.</summary>
    private const string Variable = "ACTORPERF_TEST_FAULT";

    public static TheoryData<string> Rows => [.. Faults.All.Keys.Where(name => name.Contains(Environment.GetEnvironmentVariable(Variable) ?? "", StringComparison.Ordinal))];

    [PostgresTheory]
    [MemberData(nameof(Rows))]
    public async Task Every_promise_holds_after(string fault)
    {
        var world = await server.WorldAsync();
        await world.ProveAsync(output, () => Faults.All[fault](world));
    }
}
