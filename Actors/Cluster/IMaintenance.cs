namespace ActorPerf.Cluster;

/// <summary>The front door to a node's stored data as a whole.</summary>
public interface IMaintenance
{
    /// <summary>Checks every invariant against what is stored (docs/formats/database.md). Reads everything; work goes on.</summary>
    Task<VerifyReport> VerifyAsync(CancellationToken ct);

    /// <summary>Copies everything as of one moment into a new file on the node's machine, while work goes on.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="IOException">The file exists already, or cannot be written.</exception>
    /// <exception cref="NotSupportedException">This provider has no backup of its own.</exception>
    Task<long> BackupAsync(string file, CancellationToken ct);
}

/// <summary>What checking the invariants found.</summary>
/// <param name="Jobs">Jobs looked at.</param>
/// <param name="Rows">History rows looked at.</param>
/// <param name="Entities">Entities looked at.</param>
public sealed record VerifyReport(long Jobs, long Rows, long Entities, IReadOnlyList<Violation> Violations)
{
    /// <summary>All rows looked at.</summary>
    public long Checked => Jobs + Rows + Entities;
}

/// <summary>An invariant that does not hold.</summary>
/// <param name="Invariant">Its short name.</param>
/// <param name="Ids">Up to 20 that break it.</param>
/// <param name="Count">How many break it.</param>
public sealed record Violation(string Invariant, string Detail, long Count, IReadOnlyList<string> Ids);
