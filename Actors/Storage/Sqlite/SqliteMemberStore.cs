using ActorPerf.Cluster;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Member rows in a SQLite file, by the process' clock.</summary>
/// <remarks>The writer's thread is the lock: each command sees all rows as the one before left them.</remarks>
internal sealed class SqliteMemberStore(SqliteDatabase database, SqliteSession writer, TimeProvider time) : IMemberStore, IWriteHandler
{
    private const string Columns = "name, incarnation, address, roles, status, version, up_since, heartbeat, lease_until, cpu, memory, running, queues";

    public ValueTask<MemberReply> ApplyAsync(MemberCommand command, CancellationToken ct)
    {
        var write = new MemberWrite(command);
        if (!database.Queue.TryPost(write, this, urgent: true, bytes: 512)) throw new StoreUnavailableException();
        return new ValueTask<MemberReply>(write.Task.WaitAsync(ct));
    }

    public ValueTask<ClusterView> ReadAsync(CancellationToken ct) => database.Reads.RunAsync(session => session.Snapshot(Read), ct);

    /// <summary>Nobody but this process has the file: whoever stands as living is a node that ended without a word.</summary>
    public static void EndAll(SqliteSession writer) => writer[$"""
        UPDATE member SET status = '{MemberStatus.Down}', lease_until = max(coalesce(lease_until, 0), heartbeat + 1) WHERE status <> '{MemberStatus.Down}'
        """].Run();

    public void Apply(object write)
    {
        var asked = (MemberWrite)write;
        var before = Read(writer);
        asked.Reply = MemberRules.Decide(before, asked.Command);
        if (asked.Reply is not MemberReply.Done done) return;
        var changes = MemberChanges.Between(before, done.View);
        foreach (var name in changes.Deleted) writer["DELETE FROM member WHERE name = ?"].Bind(name).Run();
        foreach (var member in changes.Written) Put(member);
        if (changes.Leader is { } leader)
        {
            writer["INSERT INTO leader (id, incarnation, epoch, since) VALUES (1, ?, ?, ?) ON CONFLICT DO UPDATE SET incarnation = excluded.incarnation, epoch = excluded.epoch, since = excluded.since"]
                .Bind(leader.Incarnation).Bind(leader.Epoch).Bind(SqliteTime.ToMicroseconds(leader.Since)).Run();
        }
    }

    public void Flush()
    {
    }

    public void Forget()
    {
    }

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((MemberWrite)write).Answer();
    }

    public void Failed(object write, Exception cause) => ((MemberWrite)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The member rows could not be written.", cause));

    private void Put(Member member) => writer[$"""
        INSERT INTO member ({Columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET incarnation = excluded.incarnation, address = excluded.address, roles = excluded.roles, status = excluded.status,
          version = excluded.version, up_since = excluded.up_since, heartbeat = excluded.heartbeat, lease_until = excluded.lease_until, cpu = excluded.cpu,
          memory = excluded.memory, running = excluded.running, queues = excluded.queues
        """]
        .Bind(member.Name).Bind(member.Incarnation).Bind(member.Address).Bind(string.Join(' ', member.Roles)).Bind(member.Status).Bind(member.Version)
        .Bind(SqliteTime.ToMicroseconds(member.UpSince)).Bind(SqliteTime.ToMicroseconds(member.LastHeartbeat)).Bind(SqliteTime.ToMicroseconds(member.LeaseUntil))
        .Bind(member.Cpu).Bind(member.Memory).Bind((long)member.Running).Bind(string.Join(' ', member.Queues)).Run();

    private ClusterView Read(SqliteSession session)
    {
        // The clock first: what is committed before it stands in the rows.
        var now = time.GetUtcNow();
        var members = new List<Member>();
        var s = session[$"SELECT {Columns} FROM member ORDER BY up_since, name"];
        while (s.Step())
        {
            members.Add(new Member(
                s.Text(0), s.Text(2), Words(s.Text(3)), s.Text(4), false, s.Text(5), s.Guid(1), SqliteTime.ToTime(s.Long(6)), SqliteTime.ToTime(s.Long(7)),
                s.Double(9), s.Long(10), s.Int(11), Words(s.Text(12))) { LeaseUntil = SqliteTime.ToTime(s.LongOrNull(8)) });
        }
        s.Reset();
        s = session["SELECT incarnation, epoch, since FROM leader"];
        var leader = s.Step() ? new Leader(s.Guid(0), s.Long(1), SqliteTime.ToTime(s.Long(2))) : Leader.None;
        s.Reset();
        return new ClusterView(members, leader, now);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed class MemberWrite(MemberCommand command) : TaskCompletionSource<MemberReply>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public MemberCommand Command { get; } = command;

        public MemberReply? Reply { get; set; }

        public void Answer() => TrySetResult(Reply ?? throw new InvalidOperationException("Answered before it was decided."));
    }
}
