using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Audit rows and views in memory.</summary>
internal sealed class MemoryOperatorStore : IOperatorStore
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditRow> _rows = [];
    private readonly SortedDictionary<string, SavedView> _views = new(StringComparer.Ordinal);
    private long _seq;

    public ValueTask RecordAsync(AuditEntry entry, CancellationToken ct)
    {
        lock (_gate)
        {
            _rows.Enqueue(new AuditRow(++_seq, entry));
            if (_rows.Count > IAudit.Kept) _rows.Dequeue();
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<AuditRow>> ListAuditAsync(Namespace ns, long? before, int limit, CancellationToken ct)
    {
        lock (_gate) return new(_rows.Reverse().Where(row => row.Entry.Namespace == ns && row.Seq < (before ?? long.MaxValue)).Take(limit).ToArray());
    }

    public ValueTask<IReadOnlyList<SavedView>> ListViewsAsync(Namespace ns, CancellationToken ct)
    {
        lock (_gate) return new(_views.Values.Where(view => view.Namespace == ns).ToArray());
    }

    public ValueTask<SavedView?> GetViewAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (_gate) return new(_views.GetValueOrDefault(Key(ns, name)));
    }

    public ValueTask<bool> PutViewAsync(SavedView view, CancellationToken ct)
    {
        lock (_gate)
        {
            var key = Key(view.Namespace, view.Name);
            if (!_views.ContainsKey(key) && _views.Values.Count(each => each.Namespace == view.Namespace) >= IViews.MaxViews) return new(false);
            _views[key] = view;
            return new(true);
        }
    }

    public ValueTask<bool> DeleteViewAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (_gate) return new(_views.Remove(Key(ns, name)));
    }

    /// <summary>No namespace holds a slash.</summary>
    private static string Key(Namespace ns, string name) => $"{ns.Name}/{name}";
}
