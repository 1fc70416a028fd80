namespace ActorPerf.Load;

/// <summary>Looks at the target's own side once a second, where the target is an ActorPerf node: one request at a time, beside those of the users and in none of their figures.</summary>
internal sealed partial class LoadRunActor
{
    /// <summary>After so many in a row that told nothing it is left alone: it is none of ours, or has more to do.</summary>
    private const int MostFaults = 5;

    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);

    private bool _looks;
    private int _faults;
    private string? _targetFault;
    private TargetQueues? _target;

    private bool IsWatched => _plan.WatchTarget || _run.Scenario.Source == LoadSource.Shipped;

    private void Look()
    {
        if (!IsWatched || _looks || _stopsAt is not null || _faults >= MostFaults) return;
        _looks = true;
        _ = LookAsync().PipeTo(Self, Self);
    }

    private async Task<Looked> LookAsync()
    {
        using var patience = new CancellationTokenSource(LookPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _run.Ended);
        var (queues, fault) = await TargetQueues.AskAsync(_run, either.Token).ConfigureAwait(false);
        return new Looked(queues, fault);
    }

    private void Note(Looked looked)
    {
        _looks = false;
        _target = looked.Queues;
        if (looked.Queues is not null) (_faults, _targetFault) = (0, null);
        else if (_stopsAt is null && ++_faults == MostFaults) _targetFault = $"The target's queues were not read: {looked.Fault}. It takes an ActorPerf node, and a key with the scope read where it asks for keys.";
    }

    /// <summary>What was seen since the last point; a target that is too slow to answer leaves a gap.</summary>
    private TargetQueues? TakeTarget()
    {
        var seen = _target;
        _target = null;
        return seen;
    }

    private sealed record Looked(TargetQueues? Queues, string? Fault);
}
