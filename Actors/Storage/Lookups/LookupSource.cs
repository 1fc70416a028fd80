using System.Data.Common;
using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Lookups;

/// <summary>A configured table of a user's database.</summary>
public sealed class LookupSource : ILookupSource
{
    private const int MaxBatch = 512;
    private const int MaxTextBytes = EntityId.MaxTextBytes;

    /// <summary>How long a node that starts waits for a database: it is not the node's own.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(5);

    private readonly LookupTable _table;
    private readonly UserDatabase _database;
    private readonly LookupStatements _statements;
    private LookupShape? _shape;      // null: the table was not found yet

    private LookupSource(LookupTable table)
    {
        _table = table;
        Setting = $"actorperf.data.lookups.{table.Name}";
        _database = UserDatabase.Of(table.Provider, table.ConnectionString, Setting);
        _statements = LookupStatements.Of(table.Provider);
        Limits = new EntityStoreLimits(table.Provider, _database.Slots, MaxBatch);
    }

    public EntityStoreLimits Limits { get; }

    public string Setting { get; }

    /// <summary>Why the table could not be looked for when this was opened; null where it was found. Each read looks for it, until one finds it.</summary>
    public string? Away { get; private set; }

    /// <summary>Connects, and finds the table, its key and its columns in the catalogue. A database that is away, or does not answer within five seconds, is no fault of the configuration:
    /// what comes back says so in <see cref="Away"/>, and looks again when it is read.</summary>
    /// <param name="time">For the five seconds.</param>
    /// <exception cref="StorageSetupException">There is no such table or column, the key is of no type that ids can name, or the database lets nobody in with that connection string.</exception>
    public static async Task<LookupSource> OpenAsync(LookupTable table, TimeProvider time, CancellationToken ct)
    {
        var source = new LookupSource(table);
        var finding = source.FindAsync(ct);
        try
        {
            // Not by the token alone: a driver that waits for a server's first word hears of none.
            if (!await BoundedWait.ForAsync(finding, FirstLook, time, ct)) source.Away = $"it did not answer within {FirstLook.TotalSeconds:0} s";
            else await finding;
        }
        catch (Exception exception) when (source._database.Translate(exception) is StoreUnavailableException)
        {
            source.Away = exception.Message;
        }
        catch (Exception exception)
        {
            await source.DisposeAsync();
            if (exception is StorageSetupException or OperationCanceledException) throw;
            throw new StorageSetupException($"{source.Setting} cannot be used: {exception.Message}", exception);
        }
        return source;
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct)
    {
        if (ids.Count is < 1 or > MaxBatch) throw new ArgumentOutOfRangeException(nameof(ids), $"{ids.Count} ids in one call; 1 to {MaxBatch} are allowed.");
        try
        {
            return await ReadAsync(_shape ?? await FindAsync(ct), ids, ct);
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

    private Task<ReadOnlyMemory<byte>?[]> ReadAsync(LookupShape shape, IReadOnlyList<EntityId> ids, CancellationToken ct)
    {
        var keys = new List<object>(ids.Count);
        var places = new List<int>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            if (KeyOf(shape.KeyType, ids[i]) is not { } key) continue;
            keys.Add(key);
            places.Add(i);
        }
        var rows = new ReadOnlyMemory<byte>?[ids.Count];
        return keys.Count == 0 ? Task.FromResult(rows) : _database.RunAsync(() => ReadAsync(shape, keys, places, rows, ct));
    }

    private async Task<ReadOnlyMemory<byte>?[]> ReadAsync(LookupShape shape, List<object> keys, List<int> places, ReadOnlyMemory<byte>?[] rows, CancellationToken ct)
    {
        await using var connection = await _database.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        _statements.Fill(command, shape, keys);
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
    private static object? KeyOf(LookupKeyType type, EntityId id) => type switch
    {
        LookupKeyType.Integer => id.Number ?? Integer(id.ToString()),
        LookupKeyType.Uuid => id.Guid ?? Uuid(id.ToString()),
        _ => id.ToString(),
    };

    private static long? Integer(string id) =>
        long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == id ? number : null;

    private static Guid? Uuid(string id) => id.Length == 36 && Guid.TryParseExact(id, "D", out var uuid) ? uuid : null;

    /// <summary>Several reads may do so at once; they find the same.</summary>
    private async Task<LookupShape> FindAsync(CancellationToken ct) => _shape = await _database.RunAsync(() => FindAsync(_database, _statements, _table, Setting, ct));

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
