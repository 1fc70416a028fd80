namespace ActorPerf.Data;

/// <summary>A configured query over a user's own database.</summary>
public interface INamedQuerySource : IAsyncDisposable
{
    /// <summary>Runs it and streams its rows, each a JSON object with a member per column, in the query's order. Rows are read as they are taken, a few ahead;
    /// leaving the loop ends the query.</summary>
    /// <param name="parameters">A value for each declared parameter, by name; null or <see cref="EntityValue.Null"/>: NULL. They only ever become parameters of the statement.</param>
    /// <exception cref="ArgumentException">A parameter is missing, or not declared.</exception>
    /// <exception cref="TimeoutException">The configured time is over.</exception>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: ask again.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> RunAsync(IReadOnlyDictionary<string, EntityValue?> parameters, CancellationToken ct);
}

/// <summary>A query as configured under <c>actorperf.data.queries</c>.</summary>
/// <param name="Provider"><c>sqlite</c>, <c>postgresql</c> or <c>sqlserver</c>.</param>
/// <param name="Sql">One statement that reads; parameters are written <c>@name</c>.</param>
/// <param name="Parameters">Their names.</param>
/// <param name="Timeout">For the whole run, from its start to its last row.</param>
public sealed record NamedQuery(string Name, string Provider, string ConnectionString, string Sql, IReadOnlyList<string> Parameters, TimeSpan Timeout);
