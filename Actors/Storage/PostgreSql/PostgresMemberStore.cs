using ActorPerf.Cluster;
using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Member rows in a PostgreSQL database, by the server's clock, over a connection of its own: a lease must not wait until jobs let go of one.</summary>
/// <remarks>Commands of all nodes take turns under an advisory lock of the transaction. A node that stops in the middle of one (frozen, or cut off) loses its transaction
/// after <see cref="PostgresDatabase.LongestReservedPause"/>, so it cannot keep others from renewing.</remarks>
/// <param name="time">The clock that rows are stamped with. Where it is the server's, the server is asked, and the clock set by the answer.</param>
internal sealed class PostgresMemberStore(NpgsqlDataSource reserved, TimeProvider time) : IMemberStore, IDisposable
{
    internal const long Lock = 0x6163_746f_726d_656d;      // "actormem"
    private const string Member = PostgresDialect.Schema + ".member";
    private const string Leader = PostgresDialect.Schema + ".leader";
    private const string Columns = "name, incarnation, address, roles, status, version, up_since, heartbeat, lease_until, cpu, memory, running, queues";

    private const string Rows = $"""
        SELECT l.incarnation, l.epoch, l.since, m.name, m.incarnation, m.address, m.roles, m.status, m.version, m.up_since, m.heartbeat, m.lease_until, m.cpu, m.memory, m.running, m.queues
        FROM {Leader} l LEFT JOIN {Member} m ON true ORDER BY m.up_since, m.name
        """;

    private const string Put = $"""
        INSERT INTO {Member} ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, address = excluded.address, roles = excluded.roles, status = excluded.status,
          version = excluded.version, up_since = excluded.up_since, heartbeat = excluded.heartbeat, lease_until = excluded.lease_until, cpu = excluded.cpu,
          memory = excluded.memory, running = excluded.running, queues = excluded.queues
        """;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;      // whoever has the turn owns it

    public ValueTask<MemberReply> ApplyAsync(MemberCommand command, CancellationToken ct) => InTurnAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            var before = await ReadAsync(connection, locked: true, ct);
            var reply = MemberRules.Decide(before, command);
            if (reply is MemberReply.Done done) await WriteAsync(connection, MemberChanges.Between(before, done.View), ct);
            await transaction.CommitAsync(ct);
            return reply;
        }, ct);

    public ValueTask<ClusterView> ReadAsync(CancellationToken ct) => InTurnAsync(connection => ReadAsync(connection, locked: false, ct), ct);

    public void Dispose()
    {
        // Whoever has the turn closes its connection by itself when the next one finds nothing to open.
        Interlocked.Exchange(ref _connection, null)?.Dispose();
    }

    private async Task<ClusterView> ReadAsync(NpgsqlConnection connection, bool locked, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (locked) batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)").Bind(Number(Lock)));
        // The clock first: what is committed before it stands in the rows.
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {PostgresTime.Now}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Rows));
        var sent = time.GetTimestamp();
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (locked) await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        var now = time is PostgresClock clock ? Measured(clock, reader.Time(0), sent, locked) : time.GetUtcNow();
        await reader.NextResultAsync(ct);
        var leader = Cluster.Leader.None;
        var members = new List<Member>();
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetInt64(1) is var epoch and > 0) leader = new Leader(reader.GetGuid(0), epoch, reader.Time(2));
            if (!reader.IsDBNull(3)) members.Add(ReadMember(reader));
        }
        return new ClusterView(members, leader, now);
    }

    private static DateTimeOffset Measured(PostgresClock clock, DateTimeOffset server, long sent, bool locked)
    {
        // Behind a lock the question waited for an unknown time, and its answer says little about the clock.
        if (!locked) clock.Measured(server, sent, clock.GetTimestamp());
        return server;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, MemberChanges changes, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var name in changes.Deleted) batch.BatchCommands.Add(new NpgsqlBatchCommand($"DELETE FROM {Member} WHERE name = $1").Bind(Text(name)));
        foreach (var member in changes.Written)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Put).Bind(
                Text(member.Name), Id(member.Incarnation), Text(member.Address), Text(string.Join(' ', member.Roles)), Text(member.Status), Text(member.Version), Time(member.UpSince),
                Time(member.LastHeartbeat), Time(member.LeaseUntil), Real(member.Cpu), Number(member.Memory), Number(member.Running), Text(string.Join(' ', member.Queues))));
        }
        if (changes.Leader is { } leader)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"UPDATE {Leader} SET incarnation = $1, epoch = $2, since = $3")
                .Bind(Id(leader.Incarnation), Number(leader.Epoch), Time(leader.Since)));
        }
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(ct);
    }

    private static Member ReadMember(NpgsqlDataReader r) => new(
        r.GetString(3), r.GetString(5), Words(r.GetString(6)), r.GetString(7), false, r.GetString(8), r.GetGuid(4), r.Time(9), r.Time(10), r.GetDouble(12), r.GetInt64(13),
        (int)r.GetInt64(14), Words(r.GetString(15))) { LeaseUntil = r.TimeOrNull(11) };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One at a time on the connection that is kept; one that broke is not used again.</summary>
    private async ValueTask<T> InTurnAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await PostgresFaults.AskAsync(async () =>
            {
                var connection = Interlocked.Exchange(ref _connection, null) ?? await reserved.OpenConnectionAsync(ct);
                try
                {
                    var result = await work(connection);
                    _connection = connection;
                    return result;
                }
                catch (Exception)
                {
                    await connection.DisposeAsync();
                    throw;
                }
            });
        }
        finally
        {
            _turn.Release();
        }
    }
}
