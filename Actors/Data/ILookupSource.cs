namespace ActorPerf.Data;

/// <summary>Rows of a user's own table, read by their key and never written.</summary>
public interface ILookupSource : IAsyncDisposable
{
    EntityStoreLimits Limits { get; }

    /// <summary>Reads many rows in one statement.</summary>
    /// <param name="ids">1 to <see cref="EntityStoreLimits.MaxReadBatch"/>, in any order, repeats allowed. An id that the key's type cannot hold is absent;
    /// one that it can hold is found, also where <see cref="EntityId"/> takes it for a text: 0 and below, a UUID in capitals.</param>
    /// <returns>One item per id, in their order: the row as a JSON object with a member per configured column; null where there is none.
    /// Where a key stands on several rows, one of them.</returns>
    /// <param name="ct">Ends the statement too, wherever it runs: who gave up leaves nothing behind that stands in another's way.</param>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: ask again.</exception>
    /// <exception cref="Storage.StorageSetupException">The database was away when the node started, and now that it answers there is no such table or column.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct);
}

/// <summary>A table to look rows up in, as configured under <c>actorperf.data.lookups</c>.</summary>
/// <param name="Name">The kind under which its rows are served.</param>
/// <param name="Provider"><c>sqlite</c>, <c>postgresql</c> or <c>sqlserver</c>.</param>
/// <param name="Table">A table or view, as the database spells it; with its schema in front where that is not the default one.</param>
/// <param name="Key">Its key column: an integer, a UUID or a text.</param>
/// <param name="Columns">Those to serve; none: all.</param>
public sealed record LookupTable(string Name, string Provider, string ConnectionString, string Table, string Key, IReadOnlyList<string> Columns);
