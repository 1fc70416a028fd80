using ActorPerf.Cluster;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Finds one violation, and copies nothing to a path that ends in <c>taken</c>.</summary>
internal sealed class FakeMaintenance : IMaintenance
{
    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => Task.FromResult(new VerifyReport(5, 4, 3, [new Violation("one-final-state", "A job ended twice.", 1, ["a"])]));

    public Task<long> BackupAsync(string file, CancellationToken ct) =>
        file.EndsWith("taken", StringComparison.Ordinal) ? throw new IOException($"'{file}' exists already.") : Task.FromResult(4096L);
}
