using System.Security.Cryptography;
using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Writes entities in two round trips: the first locks and reads the versions, the second writes what <see cref="EntityRules"/> made of them and commits.</summary>
/// <remarks>
/// Locks are taken in one order everywhere, kinds before rows and rows by key, so that transactions wait for each other and never in a circle. A kind's lock
/// (an advisory one) is shared by writes, and exclusive where something is deleted or an absence is relied on: so a delete's floor is known to every
/// later insert, and nothing appears where a transaction saw nothing. Two inserts of one key meet in the primary key; the later one begins again.
/// </remarks>
internal sealed class PostgresEntityWriter(NpgsqlDataSource source)
{
    private const int Tries = 5;
    private const string Entity = $"{PostgresDialect.Schema}.entity";
    private const string Kind = $"{PostgresDialect.Schema}.entity_kind";
    private const string Counter = $"{PostgresDialect.Schema}.entity_counter";
    private const string Marker = $"{PostgresDialect.Schema}.entity_commit";

    /// <summary>For so long what became of a commit can be asked.</summary>
    public static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromMinutes(1);

    private long _prunedTicks;

    public async Task<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) =>
        (await RunAsync(ns, [], writes, null, ct)).Outcomes;

    public Task<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => RunAsync(ns, commit.Reads, commit.Writes, commit, ct);

    private async Task<CommitOutcome> RunAsync(Namespace ns, IReadOnlyList<EntityRead> reads, IReadOnlyList<EntityWrite> writes, EntityCommit? commit, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(ct);
                var decided = await DecideAsync(connection, ns, reads, writes, commit, alone: attempt > 1, ct);
                if (decided.IsIdle) await RollbackAsync(connection);
                else await CommitAsync(connection, Statements(connection, ns, decided, commit));
                return decided.Outcome;
            }
            catch (PostgresException exception) when (PostgresFaults.IsCollision(exception) && attempt < Tries)
            {
                // The other transaction is through; what it left is what counts now. The next try has the kinds to itself, so nothing else can come in between.
            }
            catch (PostgresException exception) when (PostgresFaults.IsCollision(exception))
            {
                throw new StoreUnavailableException($"{Tries} tries met other writes of the same entities. Nothing changed; try again.", exception);
            }
        }
    }

    /// <summary>Begins the transaction, locks what it concerns, and decides.</summary>
    /// <param name="commit">Null for writes that take place one by one.</param>
    /// <param name="alone">A try before this one met another insert.</param>
    public static async Task<Decided> DecideAsync(
        NpgsqlConnection connection, Namespace ns, IReadOnlyList<EntityRead> reads, IReadOnlyList<EntityWrite> writes, EntityCommit? commit, bool alone, CancellationToken ct)
    {
        var found = await LockAsync(connection, ns, reads, writes, alone, ct);
        var decisions = writes.Select(write => EntityRules.Decide(write, found.Version(write.Key), found.Floor(write.Key.Kind))).ToArray();
        var conflicts = commit is null ? [] : EntityRules.Conflicts(commit, [.. reads.Select(read => found.Version(read.Key))], decisions);
        if (conflicts.Count > 0)
            return new Decided(EntityRules.Refused(decisions, [.. writes.Select(write => found.Version(write.Key))], conflicts), [], default, IsIdle: true);
        var now = SqliteTime.ToTime(found.Now);
        var outcomes = decisions.Select(decision => decision.At(now)).ToArray();
        return new Decided(new CommitOutcome(outcomes, []), Changes(writes, decisions, found), now, IsIdle: commit is null && !Array.Exists(decisions, decision => decision.Changes));
    }

    /// <summary>Writes what was decided into the open transaction.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, Namespace ns, Decided decided, EntityCommit commit)
    {
        await using var batch = Statements(connection, ns, decided, commit);
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>The first round trip.</summary>
    private static async Task<Found> LockAsync(NpgsqlConnection connection, Namespace ns, IReadOnlyList<EntityRead> reads, IReadOnlyList<EntityWrite> writes, bool alone, CancellationToken ct)
    {
        var keys = writes.Select(write => write.Key).Concat(reads.Select(read => read.Key)).Distinct().Select(key => (Key: key, Id: key.Id.ToBytes())).ToArray();
        var locks = Locks(ns, reads, writes, alone);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(Command(
            "SELECT CASE WHEN alone THEN pg_advisory_xact_lock(key)::text ELSE pg_advisory_xact_lock_shared(key)::text END FROM unnest($1::bigint[], $2::boolean[]) AS l (key, alone)",
            Parameter(locks.Keys.ToArray()), Parameter(locks.Values.ToArray())));
        batch.BatchCommands.Add(Command(
            $"""
            SELECT (k.n - 1)::integer, e.version, octet_length(e.data) FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS k (kind, id, n)
            JOIN {Entity} e ON e.namespace = $1 AND e.kind = k.kind AND e.id = k.id ORDER BY e.kind, e.id FOR UPDATE OF e
            """,
            Parameter(ns.Name), Parameter(Array.ConvertAll(keys, key => key.Key.Kind)), Parameter(Array.ConvertAll(keys, key => key.Id))));
        batch.BatchCommands.Add(Command(
            $"SELECT kind, floor FROM {Kind} WHERE namespace = $1 AND kind = ANY ($2)",
            Parameter(ns.Name), Parameter(keys.Select(key => key.Key.Kind).Distinct().ToArray())));
        // Behind the locks, so that a later version of an entity is stamped later.
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {PostgresEntityReader.Now}"));
        var found = new Found();
        await using var reader = await batch.ExecuteReaderAsync(ct);
        // BEGIN gives no rows and no result; the locks give rows that say nothing.
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) found.Add(keys[reader.GetInt32(0)].Key, reader.GetInt64(1), reader.GetInt32(2));
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct)) found.AddFloor(reader.GetString(0), reader.GetInt64(1));
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        found.Now = reader.GetInt64(0);
        return found;
    }

    /// <summary>The kinds to lock in the order of their locks, and whether alone.</summary>
    /// <param name="always">A try before this one met another insert: lock all kinds alone.</param>
    private static SortedDictionary<long, bool> Locks(Namespace ns, IReadOnlyList<EntityRead> reads, IReadOnlyList<EntityWrite> writes, bool always)
    {
        var locks = new SortedDictionary<long, bool>();
        foreach (var write in writes) Add(write.Key.Kind, always || write is EntityWrite.Delete);
        // An absence that is written over needs no more than the primary key, where two inserts meet.
        foreach (var read in reads) Add(read.Key.Kind, read.Version == 0 && !writes.Any(write => write.Key == read.Key && write is not EntityWrite.Delete));
        return locks;

        void Add(string kind, bool alone)
        {
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes($"{PostgresDialect.Schema}/{ns.Name}/{kind}"), digest);
            var key = BitConverter.ToInt64(digest);
            locks[key] = alone || locks.GetValueOrDefault(key);
        }
    }

    /// <summary>The second round trip. Not cancelled by the caller: half of it would leave nobody knowing what became of it.</summary>
    private static async Task CommitAsync(NpgsqlConnection connection, NpgsqlBatch statements)
    {
        await using var batch = statements;
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException && !PostgresFaults.IsRefusal(exception))
        {
            throw new CommitUnknownException("The connection broke while the database server was to commit: it may or may not have taken place.", exception);
        }
    }

    private NpgsqlBatch Statements(NpgsqlConnection connection, Namespace ns, Decided decided, EntityCommit? commit)
    {
        var (changes, at) = (decided.Changes, SqliteTime.ToMicroseconds(decided.Now));
        var batch = new NpgsqlBatch(connection);
        changes.Sort((left, right) => Order(left.Write.Key, right.Write.Key));
        Put(batch, ns, changes.FindAll(change => change.Next > 0 && change.Version == 0), at, $"""
            INSERT INTO {Entity} (namespace, kind, id, version, updated_at, data)
            SELECT $1, kind, id, version, $2, convert_from(data, 'UTF8') FROM unnest($3::text[], $4::bytea[], $5::bigint[], $6::bytea[]) AS w (kind, id, version, data)
            """);
        Put(batch, ns, changes.FindAll(change => change.Next > 0 && change.Version > 0), at, $"""
            UPDATE {Entity} e SET version = w.version, updated_at = $2, data = convert_from(w.data, 'UTF8')
            FROM unnest($3::text[], $4::bytea[], $5::bigint[], $6::bytea[]) AS w (kind, id, version, data) WHERE e.namespace = $1 AND e.kind = w.kind AND e.id = w.id
            """);
        Delete(batch, ns, changes.FindAll(change => change.Next == 0));
        Count(batch, ns, changes);
        if (commit is not null) Mark(batch, ns, commit.Marker, at, decided.Now);
        return batch;
    }

    private static void Put(NpgsqlBatch batch, Namespace ns, List<Change> changes, long at, string sql)
    {
        if (changes.Count == 0) return;
        batch.BatchCommands.Add(Command(
            sql, Parameter(ns.Name), Parameter(at), Parameter(Of(changes, change => change.Write.Key.Kind)), Parameter(Of(changes, change => change.Write.Key.Id.ToBytes())),
            Parameter(Of(changes, change => change.Next)), Parameter(Of(changes, change => EntityRules.DataOf(change.Write).ToArray()))));
    }

    private static void Delete(NpgsqlBatch batch, Namespace ns, List<Change> changes)
    {
        if (changes.Count == 0) return;
        batch.BatchCommands.Add(Command(
            $"DELETE FROM {Entity} e USING unnest($2::text[], $3::bytea[]) AS w (kind, id) WHERE e.namespace = $1 AND e.kind = w.kind AND e.id = w.id",
            Parameter(ns.Name), Parameter(Of(changes, change => change.Write.Key.Kind)), Parameter(Of(changes, change => change.Write.Key.Id.ToBytes()))));
        var floors = changes.GroupBy(change => change.Write.Key.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToArray();
        batch.BatchCommands.Add(Command(
            $"""
            INSERT INTO {Kind} AS k (namespace, kind, floor, next_id) SELECT $1, kind, floor, 1 FROM unnest($2::text[], $3::bigint[]) AS w (kind, floor)
            ON CONFLICT (namespace, kind) DO UPDATE SET floor = greatest(k.floor, excluded.floor)
            """,
            Parameter(ns.Name), Parameter(Array.ConvertAll(floors, kind => kind.Key)), Parameter(Array.ConvertAll(floors, kind => kind.Max(change => change.Version)))));
    }

    /// <summary>The counters have a few rows for each kind, and a connection always takes the same: so transactions seldom wait for each other's counts.</summary>
    private static void Count(NpgsqlBatch batch, Namespace ns, List<Change> changes)
    {
        if (changes.Count == 0) return;
        var kinds = changes.GroupBy(change => change.Write.Key.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToArray();
        batch.BatchCommands.Add(Command(
            $"""
            INSERT INTO {Counter} AS c (namespace, kind, slot, entities, bytes)
            SELECT $1, kind, pg_backend_pid() % 8, entities, bytes FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS w (kind, entities, bytes)
            ON CONFLICT (namespace, kind, slot) DO UPDATE SET entities = c.entities + excluded.entities, bytes = c.bytes + excluded.bytes
            """,
            Parameter(ns.Name), Parameter(Array.ConvertAll(kinds, kind => kind.Key)),
            Parameter(Array.ConvertAll(kinds, kind => kind.Sum(change => (change.Next > 0 ? 1L : 0) - (change.Version > 0 ? 1 : 0)))),
            Parameter(Array.ConvertAll(kinds, kind => kind.Sum(change => EntityRules.DataOf(change.Write).Length - change.Bytes)))));
    }

    private void Mark(NpgsqlBatch batch, Namespace ns, Guid marker, long at, DateTimeOffset now)
    {
        batch.BatchCommands.Add(Command(
            $"INSERT INTO {Marker} (namespace, marker, at) VALUES ($1, $2, $3) ON CONFLICT (namespace, marker) DO UPDATE SET at = excluded.at",
            Parameter(ns.Name), Parameter(marker), Parameter(at)));
        if (now.UtcTicks - Interlocked.Read(ref _prunedTicks) < PrunePeriod.Ticks) return;
        Interlocked.Exchange(ref _prunedTicks, now.UtcTicks);
        // Rows that another node is about to delete are left to it.
        batch.BatchCommands.Add(Command(
            $"DELETE FROM {Marker} WHERE (namespace, marker) IN (SELECT namespace, marker FROM {Marker} WHERE at <= $1 ORDER BY at LIMIT 10000 FOR UPDATE SKIP LOCKED)",
            Parameter(at - (MarkerLife.Ticks / TimeSpan.TicksPerMicrosecond))));
    }

    private static List<Change> Changes(IReadOnlyList<EntityWrite> writes, EntityDecision[] decisions, Found found)
    {
        var changes = new List<Change>(writes.Count);
        for (var i = 0; i < decisions.Length; i++)
            if (decisions[i].Changes) changes.Add(new Change(writes[i], found.Version(writes[i].Key), found.Bytes(writes[i].Key), decisions[i].Next));
        return changes;
    }

    private static async Task RollbackAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("ROLLBACK", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private static T[] Of<T>(List<Change> changes, Converter<Change, T> part) => [.. changes.ConvertAll(part)];

    private static int Order(Key left, Key right) => string.CompareOrdinal(left.Kind, right.Kind) is var kind and not 0 ? kind : left.Id.CompareTo(right.Id);

    /// <summary>What a transaction is to do, decided under its locks.</summary>
    /// <param name="Outcome">As its caller hears it once it has taken place, or at once where it does not.</param>
    /// <param name="Changes">Rows to write.</param>
    /// <param name="Now">Their stamp.</param>
    /// <param name="IsIdle">There is nothing to commit.</param>
    internal sealed record Decided(CommitOutcome Outcome, List<Change> Changes, DateTimeOffset Now, bool IsIdle);

    internal readonly record struct Change(EntityWrite Write, long Version, long Bytes, long Next);

    /// <summary>What the first round trip saw, under its locks.</summary>
    private sealed class Found
    {
        private readonly Dictionary<Key, (long Version, long Bytes)> _entities = [];
        private readonly Dictionary<string, long> _floors = new(StringComparer.Ordinal);

        /// <summary>The server's time, in microseconds.</summary>
        public long Now { get; set; }

        public void Add(Key key, long version, long bytes) => _entities[key] = (version, bytes);

        public void AddFloor(string kind, long floor) => _floors[kind] = floor;

        public long Version(Key key) => _entities.GetValueOrDefault(key).Version;

        public long Bytes(Key key) => _entities.GetValueOrDefault(key).Bytes;

        public long Floor(string kind) => _floors.GetValueOrDefault(kind);
    }
}
