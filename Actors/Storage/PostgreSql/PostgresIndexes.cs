using System.Globalization;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Makes and drops the indexes of kinds while the cluster works.</summary>
/// <remarks>
/// <para>An index is built concurrently: writes go on meanwhile, and the building waits until the transactions that were open when it began have ended. One that is broken off leaves an index
/// behind that has the name and answers nothing; whoever wants it next drops that and begins anew.</para>
/// <para>Nodes take turns: two that make one index meet in the catalogue, and only in one's own turn is an unfinished index surely nobody's work. The turn is asked for again and again instead
/// of waited for, since a statement that waits is an open transaction, and whoever builds would wait for it in a circle. It belongs to the connection, which is closed afterwards: a node that dies
/// gives its turn up.</para>
/// </remarks>
/// <param name="unpooled">Connections outside the pool.</param>
internal sealed class PostgresIndexes(NpgsqlDataSource unpooled)
{
    private const long Turn = 0x6163_746f_7270_6978;      // "actorpix"
    private const int Tries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes those that are missing or unfinished.</summary>
    public async Task EnsureAsync(IReadOnlyList<EntityIndex> wanted, CancellationToken ct)
    {
        await using var connection = await unpooled.OpenConnectionAsync(ct);
        if ((await MissingAsync(connection, wanted, ct)).Count == 0) return;
        await WaitForTurnAsync(connection, ct);
        foreach (var index in await MissingAsync(connection, wanted, ct)) await MakeAsync(connection, index, ct);
    }

    /// <summary>Drops all that declarations have had, other than these.</summary>
    /// <returns>Their names.</returns>
    public async Task<IReadOnlyList<string>> DropOthersAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct)
    {
        await using var connection = await unpooled.OpenConnectionAsync(ct);
        if (EntityIndex.Others(await NamesAsync(connection, ct), declared).Count == 0) return [];
        await WaitForTurnAsync(connection, ct);
        var others = EntityIndex.Others(await NamesAsync(connection, ct), declared);
        foreach (var name in others) await DropAsync(connection, name, ct);
        return others;
    }

    private static async Task MakeAsync(NpgsqlConnection connection, EntityIndex index, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            await DropAsync(connection, index.Name, ct);
            try
            {
                await ExecuteAsync(connection, EntityStatements.Index(PostgresDialect.Instance, index), ct);
                return;
            }
            catch (PostgresException exception) when (PostgresFaults.IsCollision(exception) && attempt < Tries)
            {
                // It met a transaction that changes tables, such as that of a newer node, and the server chose this one to give way.
            }
        }
    }

    private static Task DropAsync(NpgsqlConnection connection, string name, CancellationToken ct) => ExecuteAsync(connection, $"DROP INDEX CONCURRENTLY IF EXISTS {NameOf(name)}", ct);

    private static async Task<List<EntityIndex>> MissingAsync(NpgsqlConnection connection, IReadOnlyList<EntityIndex> wanted, CancellationToken ct)
    {
        var missing = new List<EntityIndex>();
        foreach (var index in wanted)
            if (!await ScalarAsync($"SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('{NameOf(index.Name)}') AND indisvalid)", connection, ct)) missing.Add(index);
        return missing;
    }

    private static async Task<List<string>> NamesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT indexname::text FROM pg_indexes WHERE schemaname = '{PostgresDialect.Schema}' AND tablename = 'entity'", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var names = new List<string>();
        while (await reader.ReadAsync(ct)) names.Add(reader.GetString(0));
        return names;
    }

    private static async Task WaitForTurnAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        while (!await ScalarAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_try_advisory_lock({Turn})"), connection, ct)) await Task.Delay(Pause, TimeProvider.System, ct);
    }

    private static string NameOf(string index) => $"{PostgresDialect.Schema}.{PostgresDialect.Instance.Name(index)}";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0;      // as long as a large kind takes
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<bool> ScalarAsync(string sql, NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }
}
