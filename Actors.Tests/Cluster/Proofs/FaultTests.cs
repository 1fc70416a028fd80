namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>The catalogue of faults: each comes and goes under load, and then every promise must hold.</summary>
[Collection(nameof(ProofCollection))]
public sealed class FaultTests(ProofServer server, ITestOutputHelper output)
{
    public static TheoryData<string> Rows => [.. Faults.All.Keys];

    [FullTheory]
    [MemberData(nameof(Rows))]
    public async Task Every_promise_holds_after(string fault)
    {
        var world = await server.WorldAsync();
        await world.ProveAsync(output, () => Faults.All[fault](world));
    }
}
