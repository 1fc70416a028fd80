namespace ActorPerf.Node.Serving;

/// <summary>What checking a database's invariants found.</summary>
/// <param name="Checked">Rows looked at.</param>
/// <param name="Violations">Empty when all hold.</param>
public sealed record Verification(long Checked, IReadOnlyList<Violation> Violations)
{
    public bool Ok => Violations.Count == 0;
}

/// <param name="Invariant">Its kebab-case name.</param>
/// <param name="Ids">Ids of the rows that break it; may be cut short.</param>
public sealed record Violation(string Invariant, IReadOnlyList<string> Ids, string Detail);
