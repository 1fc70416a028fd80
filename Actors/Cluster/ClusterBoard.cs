using System.Runtime.CompilerServices;

namespace ActorPerf.Cluster;

/// <summary>The members as this node saw them last, and a way to wait for the next look.</summary>
/// <remarks>Holds one view, however many read it and however slowly: each reader compares with what it saw itself.</remarks>
internal sealed class ClusterBoard(TimeProvider time)
{
    private readonly Lock _gate = new();
    private (ClusterView View, long At)? _latest;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Put(ClusterView view)
    {
        TaskCompletionSource seen;
        lock (_gate)
        {
            _latest = (view, time.GetTimestamp());
            seen = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        seen.TrySetResult();
    }

    /// <summary>What was seen last, judged as of now: a member that has not been heard of since may have become unreachable. Null before the first look.</summary>
    public ClusterView? Latest
    {
        get
        {
            lock (_gate) return _latest is { } latest ? Shown(latest.View with { Now = latest.View.Now + time.GetElapsedTime(latest.At) }) : null;
        }
    }

    public async IAsyncEnumerable<MemberEvent> FollowAsync([EnumeratorCancellation] CancellationToken ct)
    {
        ClusterView? told = null;
        while (true)
        {
            Task next;
            lock (_gate) next = _next.Task;
            if (Latest is { } now)
            {
                foreach (var change in MemberEvent.Between(told, now)) yield return change;
                told = now;
            }
            await next.WaitAsync(ct);
        }
    }

    public static ClusterView Shown(ClusterView view) => view with { Members = [.. view.Members.Select(member => MemberRules.Shown(member, view.Now))] };
}
