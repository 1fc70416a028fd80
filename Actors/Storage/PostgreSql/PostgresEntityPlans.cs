using System.Collections.Concurrent;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Remembers by a statement's shape whether an index could answer it, as the server's own plan says.</summary>
/// <remarks>The server reads a small table whole and sorts it, index or not. So it is asked for its plan with those ways closed: what is
/// then still filtered or sorted has no index.</remarks>
internal sealed class PostgresEntityPlans
{
    private const int MaxShapes = 1_000;

    private readonly ConcurrentDictionary<string, bool> _indexed = new(StringComparer.Ordinal);

    public async Task<bool> IsIndexedAsync(NpgsqlDataSource source, QueryPlan plan, CancellationToken ct)
    {
        var shape = plan.Shape();
        if (_indexed.TryGetValue(shape, out var indexed)) return indexed;
        if (_indexed.Count >= MaxShapes) _indexed.Clear();
        var lines = await ExplainAsync(source, EntityStatements.Page(PostgresDialect.Instance, plan with { Place = null }, plan.Limit), ct);
        return _indexed[shape] = !lines.Any(line => line.StartsWith("Filter:", StringComparison.Ordinal) || line.Contains("Sort", StringComparison.Ordinal) || line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    /// <summary>The indexes changed.</summary>
    public void Clear() => _indexed.Clear();

    /// <summary>The plan without its costs, a line each, without their indents.</summary>
    public static async Task<IReadOnlyList<string>> ExplainAsync(NpgsqlDataSource source, SqlText sql, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var close = new NpgsqlCommand("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off", connection))
            await close.ExecuteNonQueryAsync(ct);
        await using var command = new NpgsqlCommand($"EXPLAIN (COSTS OFF) {sql}", connection);
        PostgresEntityQueries.Bind(command, sql);
        var lines = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) lines.Add(reader.GetString(0).TrimStart(' ', '-', '>'));
        return lines;
    }
}
