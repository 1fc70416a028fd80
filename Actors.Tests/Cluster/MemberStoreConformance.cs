using ActorPerf.Cluster;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Cluster;

public sealed class MemoryMemberStoreTests : MemberStoreConformance
{
    protected override INodeStorage Open() => new MemoryStorage(Time, new Random(1));
}

public sealed class SqliteMemberStoreTests : MemberStoreConformance
{
    protected override INodeStorage Open() => SqliteStorage.Open($"Data Source={Path.Combine(Folder, "members.db")}", Time, new Random(1), _ => { });

    [Fact]
    public async Task Whoever_stood_as_living_when_the_file_is_opened_again_ended_without_a_word()
    {
        await UpAsync("a", 1);
        await UpAsync("b", 2);
        await Store.ApplyAsync(new MemberCommand.End("b", Of(2)), default);
        Reopen();
        var view = await Store.ReadAsync(default);
        Assert.Empty(view.Living);
        Assert.Equal([true, false], view.Members.Select(member => MemberRules.Shown(member, view.Now).Unreachable));
        // The epoch goes on from where it was.
        await UpAsync("a", 3);
        Assert.Equal((Of(3), 3), ((await Store.ReadAsync(default)).Leader.Incarnation, (await Store.ReadAsync(default)).Leader.Epoch));
    }
}

/// <summary>What every store of members does. Each store runs all of it.</summary>
public abstract class MemberStoreConformance : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private INodeStorage _storage;

    protected MemberStoreConformance() => _storage = Open();

    protected ManualTime Time { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected IMemberStore Store => _storage.Members;

    protected abstract INodeStorage Open();

    [Fact]
    public async Task A_row_is_read_back_whole()
    {
        var self = new Member(
            "node-1", "http://10.0.0.4:8080", ["web", "compute"], MemberStatus.Joining, false, "1.2.3", Of(7), default, default, 0.125, 1L << 33, 12, ["cpu", "default"]);
        await Store.ApplyAsync(new MemberCommand.Join(self, Lease), default);
        var view = await Store.ReadAsync(default);
        var read = Assert.Single(view.Members);
        Assert.Equal(Time.GetUtcNow(), view.Now);
        Assert.Equal(self.Roles, read.Roles);
        Assert.Equal(self.Queues, read.Queues);
        Assert.Equal(
            self with { UpSince = view.Now, LastHeartbeat = view.Now, LeaseUntil = view.Now + Lease, Roles = read.Roles, Queues = read.Queues }, read);
    }

    [Fact]
    public async Task A_lease_without_end_and_a_leader_are_read_back()
    {
        Assert.Equal(Leader.None, (await Store.ReadAsync(default)).Leader);
        await Store.ApplyAsync(new MemberCommand.Join(Self("a", 1), null), default);
        await Store.ApplyAsync(new MemberCommand.Renew(Self("a", 1) with { Status = MemberStatus.Up }, null), default);
        var view = await Store.ReadAsync(default);
        Assert.Null(Assert.Single(view.Members).LeaseUntil);
        Assert.Equal(new Leader(Of(1), 1, view.Now), view.Leader);
    }

    [Fact]
    public async Task Time_is_the_stores_and_a_command_that_is_refused_changes_nothing()
    {
        await UpAsync("a", 1);
        Time.Advance(Lease);
        Assert.IsType<MemberReply.Refused>(await Store.ApplyAsync(new MemberCommand.Renew(Self("a", 1), Lease), default));
        var view = await Store.ReadAsync(default);
        Assert.Equal(view.Now, Assert.Single(view.Members).LeaseUntil);
        Assert.Empty(view.Living);
    }

    [Fact]
    public async Task Members_stand_oldest_first_and_those_long_gone_are_deleted()
    {
        await UpAsync("b", 1);
        Time.Advance(TimeSpan.FromSeconds(1));
        await UpAsync("a", 2);
        Assert.Equal(["b", "a"], (await Store.ReadAsync(default)).Members.Select(member => member.Name));
        await Store.ApplyAsync(new MemberCommand.Down("b"), default);
        Time.Advance(MemberRules.KeptDown);
        await UpAsync("c", 3);
        Assert.Equal(["c"], (await Store.ReadAsync(default)).Members.Select(member => member.Name));
    }

    [Fact]
    public async Task Of_many_that_join_at_once_under_one_name_one_wins_and_one_leads()
    {
        var replies = await Task.WhenAll(Enumerable.Range(1, 16).Select(async number =>
            await Task.Run(async () => await Store.ApplyAsync(new MemberCommand.Join(Self("a", number), Lease), default))));
        Assert.Single(replies.OfType<MemberReply.Done>());
        await Task.WhenAll(Enumerable.Range(1, 16).Select(async number => await Task.Run(async () =>
        {
            await Store.ApplyAsync(new MemberCommand.Join(Self($"n{number:00}", 100 + number), Lease), default);
            await Store.ApplyAsync(new MemberCommand.Renew(Self($"n{number:00}", 100 + number) with { Status = MemberStatus.Up }, Lease), default);
        })));
        var view = await Store.ReadAsync(default);
        Assert.Equal((17, 1), (view.Members.Count, view.Leader.Epoch));
    }

    public void Dispose()
    {
        _storage.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static Guid Of(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    protected void Reopen()
    {
        _storage.Dispose();
        _storage = Open();
    }

    protected async Task UpAsync(string name, int number)
    {
        Assert.IsType<MemberReply.Done>(await Store.ApplyAsync(new MemberCommand.Join(Self(name, number), Lease), default));
        Assert.IsType<MemberReply.Done>(await Store.ApplyAsync(new MemberCommand.Renew(Self(name, number) with { Status = MemberStatus.Up }, Lease), default));
    }

    private static Member Self(string name, int number) => new(
        name, $"http://{name}", ["web"], MemberStatus.Joining, false, "1.0.0", Of(number), default, default, 0, 0, number, []);
}
