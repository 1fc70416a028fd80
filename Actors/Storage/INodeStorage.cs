using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage;

/// <summary>Everything a node stores, behind one provider.</summary>
public interface INodeStorage : IMaintenance, IDisposable
{
    /// <summary>Where it is, for people; without secrets.</summary>
    string Description { get; }

    IJobStore Jobs { get; }

    IMemberStore Members { get; }
}

/// <param name="Jobs">Jobs looked at.</param>
/// <param name="Rows">History rows looked at.</param>
public sealed record VerifyReport(long Jobs, long Rows, IReadOnlyList<Violation> Violations);

/// <summary>An invariant that does not hold.</summary>
/// <param name="Invariant">Its short name.</param>
/// <param name="Ids">Up to 20 that break it.</param>
/// <param name="Count">How many break it.</param>
public sealed record Violation(string Invariant, string Detail, long Count, IReadOnlyList<string> Ids);
