using System.Text;
using ActorPerf.Data;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Entities in a SQLite file.</summary>
internal sealed class SqliteEntityReads : EntityReads
{
    private readonly string _file;
    private readonly SqliteStorage _storage;

    public SqliteEntityReads(string file)
    {
        _file = file;
        _storage = SqliteStorage.Open($"Data Source={file}", TimeProvider.System, new Random(1), fault => throw fault);
    }

    public override IEntityStore Store => _storage.Entities;

    /// <summary>Batches through one <c>json_each</c> join instead of one prepared statement that runs for each key.</summary>
    public bool Joined { get; set; }

    public override ValueTask DisposeAsync()
    {
        _storage.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<long> RunAsync(Func<Task<long>> reader) =>
        Task.Factory.StartNew(reader, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    protected override Task<long> ReadAsync(Func<bool> more, Func<EntityId[]> next)
    {
        using var handle = SqliteHandle.Open(_file, readOnly: true);
        handle.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -16384;");
        var (begin, commit) = (handle.Prepare("BEGIN"), handle.Prepare("COMMIT"));
        var point = handle.Prepare("SELECT version, updated_at, data FROM entity WHERE namespace = ? AND kind = ? AND id = ?");
        // The bytes of an id are no JSON, so they travel as hexadecimal digits.
        var join = handle.Prepare("""
            SELECT k.key, e.version, e.updated_at, e.data FROM json_each(?) k CROSS JOIN entity e ON e.namespace = ? AND e.kind = ? AND e.id = unhex(k.value)
            """);
        var read = 0L;
        while (more())
        {
            var ids = next();
            begin.Run();
            read += Joined ? Join(join, ids) : Loop(point, ids);
            commit.Run();
        }
        return Task.FromResult(read);
    }

    private static int Loop(SqliteStatement point, EntityId[] ids)
    {
        var entities = new Entity?[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            point.Bind(Namespace.Name).Bind(Kind).Bind(ids[i].ToBytes());
            if (point.Step()) entities[i] = new Entity(Key.Of(Namespace, Kind, ids[i]), point.Long(0), point.Bytes(2).ToArray(), SqliteTime.ToTime(point.Long(1)));
            point.Reset();
        }
        return entities.Length;
    }

    private static int Join(SqliteStatement join, EntityId[] ids)
    {
        var entities = new Entity?[ids.Length];
        var text = new StringBuilder("[");
        for (var i = 0; i < ids.Length; i++) text.Append(i > 0 ? ",\"" : "\"").Append(Convert.ToHexString(ids[i].ToBytes())).Append('"');
        join.Bind(text.Append(']').ToString()).Bind(Namespace.Name).Bind(Kind);
        while (join.Step())
        {
            var i = join.Int(0);
            entities[i] = new Entity(Key.Of(Namespace, Kind, ids[i]), join.Long(1), join.Bytes(3).ToArray(), SqliteTime.ToTime(join.Long(2)));
        }
        join.Reset();
        return entities.Length;
    }
}
