using System.Runtime.CompilerServices;
using ActorPerf.Cluster;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A cluster whose rows the test writes; commands are decided by the rules.</summary>
internal sealed class FakeCluster : ICluster
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public Member Self => View.Members[0];

    public ClusterView View { get; set; } = new([Row("node-1", 1)], new Leader(IncarnationOf(1), 3, DateTimeOffset.UnixEpoch), Now);

    public NodeCondition Condition { get; set; } = new(true, false, null);

    /// <summary>Events to tell after those that say how it is.</summary>
    public List<MemberEvent> Later { get; } = [];

    public static Guid IncarnationOf(int number) => Guid.Parse($"0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e{number:00}");

    public static Member Row(string name, int number, string status = "up") => new(
        name, $"http://127.0.0.1:{8079 + number}", ["web", "compute"], status, false, "0.1.0", IncarnationOf(number),
        DateTimeOffset.UnixEpoch, Now, 0.5, 1 << 26, 3, ["default"]);

    public ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct) => ValueTask.FromResult(View.Members);

    public ValueTask<ClusterView> ViewAsync(CancellationToken ct) => ValueTask.FromResult(View);

    public ValueTask<MemberReply> LeaveAsync(string name, CancellationToken ct) => Apply(new MemberCommand.Leave(name));

    public ValueTask<MemberReply> DownAsync(string name, CancellationToken ct) => Apply(new MemberCommand.Down(name));

    public ValueTask<MemberReply> DownUnreachableAsync(CancellationToken ct) => Apply(new MemberCommand.DownUnreachable());

    public async IAsyncEnumerable<MemberEvent> FollowAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var one in MemberEvent.Between(null, View).Concat(Later)) yield return one;
        await Task.CompletedTask;
    }

    private ValueTask<MemberReply> Apply(MemberCommand command)
    {
        var reply = MemberRules.Decide(View, command);
        if (reply is MemberReply.Done done) View = done.View;
        return new(reply);
    }
}
