using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Operations;

/// <summary>What operators did: one row for each action, never changed. The newest 100,000 are kept.</summary>
public interface IAudit
{
    const int Kept = 100_000;

    /// <summary>Adds a row. Durable when it returns.</summary>
    /// <exception cref="StoreUnavailableException">It may or may not have become durable.</exception>
    ValueTask RecordAsync(AuditEntry entry, CancellationToken ct);

    /// <summary>Rows of a namespace, newest first.</summary>
    /// <param name="before">Rows with a smaller number; null from the newest.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<IReadOnlyList<AuditRow>> ListAuditAsync(Namespace ns, long? before, int limit, CancellationToken ct);
}

/// <summary>Something that an operator did.</summary>
/// <param name="Who">The key's name; <c>loopback</c> on a node without keys.</param>
/// <param name="Origin">The caller's address, <c>console</c> in front where it came from there; null where none is known.</param>
/// <param name="Action">What, in one word: the operation of the API, such as <c>cancelJob</c>.</param>
/// <param name="Target">To what, such as a job's id; empty for the node itself.</param>
/// <param name="Before">In short; null where nothing was before, or it is not told.</param>
/// <param name="After">In short; null likewise.</param>
public sealed record AuditEntry(
    Namespace Namespace, DateTimeOffset At, string Who, string? Origin, string Action, string Target, string? Before = null, string? After = null);

/// <param name="Seq">Rises; also its place in the list.</param>
public sealed record AuditRow(long Seq, AuditEntry Entry);

/// <summary>Named searches, kept so that a team shares them.</summary>
public interface IViews
{
    /// <summary>How many a namespace may have.</summary>
    const int MaxViews = 200;

    /// <summary>In order of name.</summary>
    ValueTask<IReadOnlyList<SavedView>> ListViewsAsync(Namespace ns, CancellationToken ct);

    /// <summary>Null where there is none.</summary>
    ValueTask<SavedView?> GetViewAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Adds or replaces. False, and nothing is written, when there are <see cref="MaxViews"/> others. Durable when it returns.</summary>
    ValueTask<bool> PutViewAsync(SavedView view, CancellationToken ct);

    /// <summary>False where there was none. Durable when it returns.</summary>
    ValueTask<bool> DeleteViewAsync(Namespace ns, string name, CancellationToken ct);
}

/// <param name="Q">A search that can be read.</param>
/// <param name="Columns">What a table shows of each job, in order; empty: as the table has it.</param>
public sealed record SavedView(Namespace Namespace, string Name, string Q, string Sort, IReadOnlyList<string> Columns, DateTimeOffset UpdatedAt);

/// <summary>What operators leave behind.</summary>
public interface IOperatorStore : IAudit, IViews;
