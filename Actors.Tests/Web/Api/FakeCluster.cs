using ActorPerf.Cluster;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A cluster of one.</summary>
internal sealed class FakeCluster : ICluster
{
    public Member Self { get; } = new(
        "node-1", "http://127.0.0.1:8080", ["web", "compute"], "up", false, "0.1.0", Guid.Parse("0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11"),
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0.5, 1 << 26, 3, ["default"]);

    public NodeCondition Condition { get; set; } = new(true, false, null);

    public ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<Member>>([Self]);
}
