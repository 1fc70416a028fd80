using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Audit rows and views in a SQLite file.</summary>
internal sealed class SqliteOperatorStore(SqliteDatabase database, SqliteSession writer) : IOperatorStore, IWriteHandler
{
    private const int BytesOfARow = 1_024;
    private const string ViewColumns = "namespace, name, q, sort, columns, updated_at";

    public async ValueTask RecordAsync(AuditEntry entry, CancellationToken ct) => await PostAsync(new Write(() => Record(entry)), ct);

    public ValueTask<IReadOnlyList<AuditRow>> ListAuditAsync(Namespace ns, long? before, int limit, CancellationToken ct) =>
        database.Reads.RunAsync<IReadOnlyList<AuditRow>>(session => ListAudit(session, ns, before, limit), ct);

    public ValueTask<IReadOnlyList<SavedView>> ListViewsAsync(Namespace ns, CancellationToken ct) => database.Reads.RunAsync<IReadOnlyList<SavedView>>(session => ListViews(session, ns), ct);

    public ValueTask<SavedView?> GetViewAsync(Namespace ns, string name, CancellationToken ct) => database.Reads.RunAsync(session => GetView(session, ns, name), ct);

    public ValueTask<bool> PutViewAsync(SavedView view, CancellationToken ct) => PostAsync(new Write(() => Put(view)), ct);

    public ValueTask<bool> DeleteViewAsync(Namespace ns, string name, CancellationToken ct) => PostAsync(
        new Write(() => writer["DELETE FROM view WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name).Run() == 1), ct);

    public void Apply(object write) => ((Write)write).Apply();

    public void Flush()
    {
    }

    public void Forget()
    {
    }

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((Write)write).Done();
    }

    public void Failed(object write, Exception cause) => ((Write)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("What an operator did could not be written. Nothing changed; try again.", cause));

    private ValueTask<bool> PostAsync(Write write, CancellationToken ct)
    {
        if (!database.Queue.TryPost(write, this, urgent: true, BytesOfARow)) throw new StoreUnavailableException();
        return new ValueTask<bool>(write.Task.WaitAsync(ct));
    }

    private bool Record(AuditEntry entry)
    {
        writer["INSERT INTO audit (namespace, at, who, origin, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"]
            .Bind(entry.Namespace.Name).Bind(SqliteTime.ToMicroseconds(entry.At)).Bind(entry.Who).Bind(entry.Origin).Bind(entry.Action).Bind(entry.Target)
            .Bind(entry.Before).Bind(entry.After).Run();
        writer["DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - ?"].Bind((long)IAudit.Kept).Run();
        return true;
    }

    private bool Put(SavedView view)
    {
        var others = writer["SELECT count(*) FROM view WHERE namespace = ? AND name <> ?"].Bind(view.Namespace.Name).Bind(view.Name);
        others.Step();
        var full = others.Long(0) >= IViews.MaxViews;
        others.Reset();
        if (full && GetView(writer, view.Namespace, view.Name) is null) return false;
        writer[$"INSERT OR REPLACE INTO view ({ViewColumns}) VALUES (?, ?, ?, ?, ?, ?)"]
            .Bind(view.Namespace.Name).Bind(view.Name).Bind(view.Q).Bind(view.Sort).Bind(SqliteJobRows.WriteTags(view.Columns)).Bind(SqliteTime.ToMicroseconds(view.UpdatedAt)).Run();
        return true;
    }

    private static List<AuditRow> ListAudit(SqliteSession session, Namespace ns, long? before, int limit)
    {
        var rows = new List<AuditRow>();
        var s = session["SELECT seq, at, who, origin, action, target, before, after FROM audit WHERE seq < ? AND namespace = ? ORDER BY seq DESC LIMIT ?"]
            .Bind(before ?? long.MaxValue).Bind(ns.Name).Bind((long)limit);
        while (s.Step())
        {
            rows.Add(new AuditRow(s.Long(0), new AuditEntry(
                ns, SqliteTime.ToTime(s.Long(1)), s.Text(2), s.TextOrNull(3), s.Text(4), s.Text(5), s.TextOrNull(6), s.TextOrNull(7))));
        }
        s.Reset();
        return rows;
    }

    private static List<SavedView> ListViews(SqliteSession session, Namespace ns)
    {
        var views = new List<SavedView>();
        var s = session[$"SELECT {ViewColumns} FROM view WHERE namespace = ? ORDER BY name"].Bind(ns.Name);
        while (s.Step()) views.Add(ReadView(s));
        s.Reset();
        return views;
    }

    private static SavedView? GetView(SqliteSession session, Namespace ns, string name)
    {
        var s = session[$"SELECT {ViewColumns} FROM view WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name);
        var view = s.Step() ? ReadView(s) : null;
        s.Reset();
        return view;
    }

    private static SavedView ReadView(SqliteStatement s) => new(
        Namespace.FromStore(s.Text(0)), s.Text(1), s.Text(2), s.Text(3),
        s.IsNull(4) ? [] : JsonSerializer.Deserialize(s.Utf8(4), StorageJson.Default.IReadOnlyListString) ?? [], SqliteTime.ToTime(s.Long(5)));

    private sealed class Write(Func<bool> apply) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private bool _result;

        public void Apply() => _result = apply();

        public void Done() => TrySetResult(_result);
    }
}
