using ActorPerf.Data;

namespace ActorPerf.Storage;

/// <summary>One item of the <see cref="WriteQueue"/> that is made of writes of several features: all of them take place, or none.</summary>
/// <remarks>The first write decides: where it says no, the others are not tried, and that is no failure. Where another one says no, the transaction is rolled
/// back and the group fails. Each feature is told of its own write, in its place among that feature's other writes of the transaction.</remarks>
/// <param name="first">Whose word counts.</param>
/// <param name="handler">Its feature.</param>
/// <param name="goesOn">After it was applied: whether it took place.</param>
/// <param name="others">Applied after it, in their order.</param>
internal sealed class WriteGroup(object first, IWriteHandler handler, Func<bool> goesOn, IReadOnlyList<(ITransactionPart Handler, object Write)> others) : IWriteHandler
{
    private readonly List<(IWriteHandler, object)> _applied = [];

    /// <summary>What the open transaction holds of it.</summary>
    public IReadOnlyList<(IWriteHandler Handler, object Write)> Applied => _applied;

    public void Apply(object write)
    {
        _applied.Clear();
        handler.Apply(first);
        _applied.Add((handler, first));
        if (!goesOn()) return;
        foreach (var (part, other) in others)
        {
            part.Apply(other);
            if (!part.TookPlace(other)) throw new AttachedWriteRefusedException("A write that belongs to the transaction was refused, so nothing of it took place. The write says why.");
            _applied.Add((part, other));
        }
    }

    public void Flush()
    {
    }

    public void Forget()
    {
        handler.Forget();
        foreach (var (part, _) in others) part.Forget();
    }

    public void Committed(IReadOnlyList<object> writes)
    {
    }

    public void Failed(object write, Exception cause)
    {
        foreach (var (part, other) in others) part.Failed(other, cause);
        handler.Failed(first, cause);
    }
}
