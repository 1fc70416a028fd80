namespace ActorPerf.Tests.Data;

/// <summary>What was done to one register, and when each call began and ended; and whether one order of them explains all answers.</summary>
/// <remarks>Searches for an order in which each operation takes place between its begin and its end and every read answers what stood there (Wing and Gong). A write whose outcome
/// nobody learned may take place at any time after its begin and, where that is known, before its end, or never.</remarks>
internal sealed class RegisterHistory
{
    private readonly List<Operation> _operations = [];
    private long _clock;

    public int Count => _operations.Count;

    /// <param name="written">What a write leaves there; null for a delete.</param>
    public Operation Begin(bool isWrite, long? written = null)
    {
        var operation = new Operation(isWrite, written, ++_clock);
        _operations.Add(operation);
        return operation;
    }

    public void End(Operation operation, long? read = null) => (operation.Ended, operation.Read) = (++_clock, read);

    /// <summary>Nobody learned whether a write took place; but if it did, then before now.</summary>
    public void EndIfAtAll(Operation write) => (write.Ended, write.MayBeLost) = (++_clock, true);

    /// <summary>It did not take place, and nobody learned anything by it.</summary>
    public void Undo(Operation operation) => _operations.Remove(operation);

    public bool IsLinearizable() => Search([.. _operations], null, []);

    public override string ToString() => string.Join("; ", _operations.OrderBy(operation => operation.Began));

    private static bool Search(List<Operation> left, long? value, HashSet<(string, long?)> seen)
    {
        if (left.TrueForAll(operation => operation.MayBeLost)) return true;
        if (!seen.Add((string.Join(',', left.Select(operation => operation.Began)), value))) return false;
        var firstEnd = left.Min(operation => operation.Ended);
        foreach (var next in left.Where(operation => operation.Began < firstEnd).ToList())
        {
            if (!next.IsWrite && next.Read != value) continue;
            List<Operation> others = [.. left.Where(operation => operation != next)];
            if (Search(others, next.IsWrite ? next.Written : value, seen)) return true;
            if (next is { MayBeLost: true, Ended: < long.MaxValue } && Search(others, value, seen)) return true;
        }
        return false;
    }

    internal sealed class Operation(bool isWrite, long? written, long began)
    {
        public bool IsWrite { get; } = isWrite;
        public long? Written { get; } = written;
        public long Began { get; } = began;

        /// <summary>Never, while its outcome is not known.</summary>
        public long Ended { get; set; } = long.MaxValue;

        public long? Read { get; set; }

        /// <summary>Whether it may never have taken place.</summary>
        public bool MayBeLost
        {
            get => field || (IsWrite && Ended == long.MaxValue);
            set;
        }

        public override string ToString() => $"[{Began}-{(Ended == long.MaxValue ? "" : Ended)}] {(IsWrite ? $"write {Written?.ToString() ?? "nothing"}" : $"read {Read?.ToString() ?? "nothing"}")}";
    }
}
