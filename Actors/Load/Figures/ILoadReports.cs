namespace ActorPerf.Load.Figures;

/// <summary>Reports of finished runs, kept beyond the process that made them.</summary>
public interface ILoadReports
{
    /// <summary>Keeps a report; the oldest goes where there are as many as are kept.</summary>
    /// <exception cref="IOException">It could not be written; nothing was changed.</exception>
    ValueTask KeepAsync(LoadReport report, CancellationToken ct);

    /// <summary>A line for each report that is kept, the latest first. What cannot be read is left out.</summary>
    ValueTask<IReadOnlyList<LoadLine>> ListAsync(CancellationToken ct);

    /// <summary>One report; null where it is not kept, or cannot be read.</summary>
    ValueTask<LoadReport?> FindAsync(Guid id, CancellationToken ct);
}
