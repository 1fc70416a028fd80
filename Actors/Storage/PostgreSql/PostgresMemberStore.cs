using ActorPerf.Cluster;
using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Member rows in a PostgreSQL database.</summary>
internal sealed class PostgresMemberStore(NpgsqlDataSource source) : IMemberStore
{
    private const string Table = PostgresDialect.Schema + ".member";

    public async ValueTask WriteAsync(Member member, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"""
            INSERT INTO {Table} (name, incarnation, address, roles, status, version, up_since, heartbeat, cpu, memory, running, queues)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, address = excluded.address, roles = excluded.roles, status = excluded.status,
              version = excluded.version, up_since = excluded.up_since, heartbeat = excluded.heartbeat, cpu = excluded.cpu, memory = excluded.memory,
              running = excluded.running, queues = excluded.queues
            """).Bind(
            Text(member.Name), Id(member.Incarnation), Text(member.Address), Text(string.Join(' ', member.Roles)), Text(member.Status), Text(member.Version), Time(member.UpSince),
            Time(member.LastHeartbeat), Real(member.Cpu), Number(member.Memory), Number(member.Running), Text(string.Join(' ', member.Queues)));
        return await command.ExecuteNonQueryAsync(ct);
    });

    public async ValueTask<IReadOnlyList<Member>> ReadAsync(CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand(
            $"SELECT name, incarnation, address, roles, status, version, up_since, heartbeat, cpu, memory, running, queues FROM {Table} ORDER BY up_since, name");
        return await command.ListAsync(Read, ct);
    });

    private static Member Read(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetString(2), Words(r.GetString(3)), r.GetString(4), false, r.GetString(5), r.GetGuid(1), r.Time(6), r.Time(7), r.GetDouble(8), r.GetInt64(9),
        (int)r.GetInt64(10), Words(r.GetString(11)));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
