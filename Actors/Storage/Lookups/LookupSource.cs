using System.Data.Common;
using System.Globalization;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Lookups;

/// <summary>A configured table of a user's database.</summary>
public sealed class LookupSource : ILookupSource
{
    private const int MaxBatch = 512;
    private const int MaxTextBytes = EntityId.MaxTextBytes;

    private readonly UserDatabase _database;
    private readonly LookupStatements _statements;
    private readonly LookupShape _shape;

    private LookupSource(UserDatabase database, LookupStatements statements, LookupShape shape, string provider)
    {
        (_database, _statements, _shape) = (database, statements, shape);
        Limits = new EntityStoreLimits(provider, database.Slots, MaxBatch);
    }

    public EntityStoreLimits Limits { get; }

    /// <summary>Connects, and finds the table, its key and its columns in the catalogue.</summary>
    /// <exception cref="StorageSetupException">There is no such table or column, the key is of no type that ids can name, or the database does not answer.</exception>
    public static async Task<LookupSource> OpenAsync(LookupTable table, CancellationToken ct)
    {
        var setting = $"actorperf.data.lookups.{table.Name}";
        var database = UserDatabase.Of(table.Provider, table.ConnectionString, setting);
        try
        {
            var statements = LookupStatements.Of(table.Provider);
            var shape = await database.RunAsync(() => FindAsync(database, statements, table, setting, ct));
            return new LookupSource(database, statements, shape, table.Provider);
        }
        catch (Exception exception)
        {
            await database.DisposeAsync();
            if (exception is StorageSetupException or OperationCanceledException) throw;
            throw new StorageSetupException($"{setting} cannot be used: {exception.Message}", exception);
        }
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct)
    {
        if (ids.Count is < 1 or > MaxBatch) throw new ArgumentOutOfRangeException(nameof(ids), $"{ids.Count} ids in one call; 1 to {MaxBatch} are allowed.");
        var keys = new List<object>(ids.Count);
        var places = new List<int>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            if (KeyOf(ids[i]) is not { } key) continue;
            keys.Add(key);
            places.Add(i);
        }
        var rows = new ReadOnlyMemory<byte>?[ids.Count];
        if (keys.Count == 0) return rows;
        try
        {
            return await _database.RunAsync(() => ReadAsync(keys, places, rows, ct));
        }
        catch (DbException exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The read was ended: {exception.Message}", exception, ct);
        }
        catch (Exception exception) when (_database.Translate(exception) is var translated && !ReferenceEquals(translated, exception))
        {
            throw translated;
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadAsync(List<object> keys, List<int> places, ReadOnlyMemory<byte>?[] rows, CancellationToken ct)
    {
        await using var connection = await _database.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        _statements.Fill(command, _shape, keys);
        await using var reader = await command.ExecuteReaderAsync(ct);
        RowJson? json = null;
        while (await reader.ReadAsync(ct))
        {
            var ordinal = Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture);
            // Keys that only fill a statement's size stand behind the last one.
            if (ordinal < places.Count) rows[places[ordinal]] ??= (json ??= new RowJson(reader, 1)).Write(reader);
        }
        return rows;
    }

    /// <summary>The id as a value of the key column; null where that cannot hold it.</summary>
    /// <remarks>A table's keys are not made by our rules: there are rows 0 and -5, and UUIDs are written in capitals. Such an id is a text to <see cref="EntityId"/>, and names
    /// its row all the same: an integer in its one spelling, a UUID in either case.</remarks>
    private object? KeyOf(EntityId id) => _shape.KeyType switch
    {
        LookupKeyType.Integer => id.Number ?? Integer(id.ToString()),
        LookupKeyType.Uuid => id.Guid ?? Uuid(id.ToString()),
        _ => id.ToString(),
    };

    private static long? Integer(string id) =>
        long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == id ? number : null;

    private static Guid? Uuid(string id) => id.Length == 36 && Guid.TryParseExact(id, "D", out var uuid) ? uuid : null;

    private static async Task<LookupShape> FindAsync(UserDatabase database, LookupStatements statements, LookupTable wanted, string setting, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var tables = await ListAsync(connection, statements.Tables, [], reader => (Schema: reader.GetString(0), Name: reader.GetString(1), Plain: reader.GetInt32(2) == 1), ct);
        var found = tables.Where(table => (table.Plain && table.Name == wanted.Table) || $"{table.Schema}.{table.Name}" == wanted.Table).ToList();
        if (found.Count == 0) throw Unknown($"{setting}.table", "table", wanted.Table, tables.SelectMany(table => table.Plain ? new[] { table.Name, $"{table.Schema}.{table.Name}" } : [$"{table.Schema}.{table.Name}"]));
        var (schema, name, _) = found[0];
        var columns = await ListAsync(
            connection, statements.Columns, [statements.CatalogueParameter(1, schema), statements.CatalogueParameter(2, name)], reader => (Name: reader.GetString(0), Type: reader.GetString(1)), ct);
        var names = columns.ConvertAll(column => column.Name);
        if (!names.Contains(wanted.Key)) throw Unknown($"{setting}.key", $"column of {wanted.Table}", wanted.Key, names);
        foreach (var column in wanted.Columns)
            if (!names.Contains(column)) throw Unknown($"{setting}.columns", $"column of {wanted.Table}", column, names);
        var type = columns.Find(column => column.Name == wanted.Key).Type;
        var keyType = statements.KeyTypeOf(type)
            ?? throw new StorageSetupException($"{setting}.key: '{wanted.Key}' is of type {type}. A key must be an integer, a UUID or a text of at most {MaxTextBytes} bytes.");
        return new LookupShape(schema, name, wanted.Key, keyType, type, wanted.Columns.Count > 0 ? wanted.Columns : names);
    }

    private static async Task<List<T>> ListAsync<T>(DbConnection connection, string sql, DbParameter[] parameters, Func<DbDataReader, T> read, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var list = new List<T>();
        while (await reader.ReadAsync(ct)) list.Add(read(reader));
        return list;
    }

    private static StorageSetupException Unknown(string setting, string what, string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        var hint = TaskNames.Nearest(name, names) ?? names.Find(other => other.Equals(name, StringComparison.OrdinalIgnoreCase));
        return new StorageSetupException($"{setting}: there is no {what} '{name}'.{(hint is null ? "" : $" Did you mean '{hint}'?")}");
    }
}
