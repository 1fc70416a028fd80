using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Memory;

/// <summary>Member rows in memory, by the process' clock.</summary>
internal sealed class MemoryMemberStore(TimeProvider time) : IMemberStore
{
    private readonly Lock _gate = new();
    private ClusterView _view = ClusterView.Empty;

    public ValueTask<MemberReply> ApplyAsync(MemberCommand command, CancellationToken ct)
    {
        lock (_gate)
        {
            var reply = MemberRules.Decide(_view with { Now = time.GetUtcNow() }, command);
            if (reply is MemberReply.Done done) _view = done.View;
            return new(reply);
        }
    }

    /// <summary>Whether an incarnation stands as down.</summary>
    public bool IsOver(Incarnation incarnation)
    {
        lock (_gate) return _view.Members.Any(member => member.Incarnation == incarnation.Value && member.Status == MemberStatus.Down);
    }

    public ValueTask<ClusterView> ReadAsync(CancellationToken ct)
    {
        lock (_gate) return new(_view with { Now = time.GetUtcNow() });
    }
}
