using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Member rows in a SQLite file.</summary>
internal sealed class SqliteMemberStore(SqliteDatabase database, SqliteSession writer) : IMemberStore, IWriteHandler
{
    public ValueTask WriteAsync(Member member, CancellationToken ct)
    {
        var write = new MemberWrite(member);
        if (!database.Queue.TryPost(write, this, urgent: true, bytes: 512)) throw new StoreUnavailableException();
        return new ValueTask(write.Task.WaitAsync(ct));
    }

    public ValueTask<IReadOnlyList<Member>> ReadAsync(CancellationToken ct) => database.Reads.RunAsync(Read, ct);

    public void Apply(object write)
    {
        var member = ((MemberWrite)write).Member;
        writer["""
            INSERT INTO member (name, incarnation, address, roles, status, version, up_since, heartbeat, cpu, memory, running, queues)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET incarnation = excluded.incarnation, address = excluded.address, roles = excluded.roles, status = excluded.status,
              version = excluded.version, up_since = excluded.up_since, heartbeat = excluded.heartbeat, cpu = excluded.cpu, memory = excluded.memory,
              running = excluded.running, queues = excluded.queues
            """]
            .Bind(member.Name).Bind(member.Incarnation).Bind(member.Address).Bind(string.Join(' ', member.Roles)).Bind(member.Status).Bind(member.Version)
            .Bind(SqliteTime.ToMicroseconds(member.UpSince)).Bind(SqliteTime.ToMicroseconds(member.LastHeartbeat)).Bind(member.Cpu).Bind(member.Memory)
            .Bind((long)member.Running).Bind(string.Join(' ', member.Queues)).Run();
    }

    public void Flush()
    {
    }

    public void Forget()
    {
    }

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((MemberWrite)write).TrySetResult();
    }

    public void Failed(object write, Exception cause) => ((MemberWrite)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The member row could not be written.", cause));

    private static IReadOnlyList<Member> Read(SqliteSession session)
    {
        var members = new List<Member>();
        var s = session["SELECT name, incarnation, address, roles, status, version, up_since, heartbeat, cpu, memory, running, queues FROM member ORDER BY up_since, name"];
        while (s.Step())
        {
            members.Add(new Member(
                s.Text(0), s.Text(2), Words(s.Text(3)), s.Text(4), false, s.Text(5), s.Guid(1), SqliteTime.ToTime(s.Long(6)), SqliteTime.ToTime(s.Long(7)),
                s.Double(8), s.Long(9), s.Int(10), Words(s.Text(11))));
        }
        s.Reset();
        return members;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed class MemberWrite(Member member) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Member Member { get; } = member;
    }
}
