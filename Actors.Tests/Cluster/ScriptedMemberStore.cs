using ActorPerf.Cluster;

namespace ActorPerf.Tests.Cluster;

/// <summary>One node's way to a store that others share: it can be cut, and then fails at once or never answers.</summary>
internal sealed class ScriptedMemberStore(IMemberStore inner) : IMemberStore
{
    private readonly List<TaskCompletionSource> _held = [];

    public bool Cut { get; set; }

    /// <summary>Nothing comes back, neither answer nor failure.</summary>
    public bool Hangs { get; set; }

    /// <summary>Commands are carried out, and their answers lost.</summary>
    public bool LosesAnswers { get; set; }

    public async ValueTask<MemberReply> ApplyAsync(MemberCommand command, CancellationToken ct)
    {
        await GateAsync();
        var reply = await inner.ApplyAsync(command, ct);
        return LosesAnswers ? throw new StoreUnavailableException() : reply;
    }

    public async ValueTask<ClusterView> ReadAsync(CancellationToken ct)
    {
        await GateAsync();
        return LosesAnswers ? throw new StoreUnavailableException() : await inner.ReadAsync(ct);
    }

    /// <summary>What hung is answered now.</summary>
    public void Release()
    {
        foreach (var held in _held) held.TrySetResult();
        _held.Clear();
    }

    private async Task GateAsync()
    {
        if (Cut) throw new StoreUnavailableException();
        if (!Hangs) return;
        var held = new TaskCompletionSource();
        _held.Add(held);
        await held.Task;
    }
}
