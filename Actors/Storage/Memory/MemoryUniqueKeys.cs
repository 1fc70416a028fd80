using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Which job holds which unique key. Belongs to the store, under its lock.</summary>
internal sealed class MemoryUniqueKeys
{
    private readonly Dictionary<(Namespace, string), long> _holders = [];

    /// <summary>The holder's number; null when the key is free.</summary>
    public long? Holder(JobRow row) => _holders.TryGetValue((row.Namespace, row.UniqueKey!), out var seq) ? seq : null;

    public void Take(JobRow row)
    {
        if (UniqueRules.Holds(row)) _holders.Add((row.Namespace, row.UniqueKey!), row.Seq);
    }

    public void Release(JobRow was, JobRow next)
    {
        if (UniqueRules.Holds(was) && !UniqueRules.Holds(next)) Free(was);
    }

    /// <summary>The job was never there.</summary>
    public void Free(JobRow row)
    {
        if (row.UniqueKey is { } key && _holders.TryGetValue((row.Namespace, key), out var seq) && seq == row.Seq) _holders.Remove((row.Namespace, key));
    }

    /// <summary>Every key is held by a job that says so, and every job that says so holds its key.</summary>
    /// <param name="jobs">All of them, by number.</param>
    public IEnumerable<Violation> Verify(IReadOnlyDictionary<long, JobRow> jobs)
    {
        var stray = _holders.Where(held => !jobs.TryGetValue(held.Value, out var row) || !UniqueRules.Holds(row) || (row.Namespace, row.UniqueKey) != held.Key)
            .Select(held => $"{held.Key.Item1.Name}/{held.Key.Item2}").ToArray();
        if (stray.Length > 0) yield return new Violation("unique-keys-held", "Every unique key names the job that holds it.", stray.Length, stray);
        var without = jobs.Values.Where(row => UniqueRules.Holds(row) && Holder(row) != row.Seq).Select(row => row.Id.ToString()).ToArray();
        if (without.Length > 0) yield return new Violation("unique-keys-taken", "Every job that holds its unique key has its row.", without.Length, without);
    }
}
