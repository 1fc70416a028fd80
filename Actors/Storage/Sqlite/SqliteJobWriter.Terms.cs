using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <content>Searchable arguments: a row of the index each, and the list of them beside the payload, for what is declared may have changed when the job goes.</content>
internal sealed partial class SqliteJobWriter
{
    /// <summary>Whether a job may have some; a database without any looks no further.</summary>
    private bool _hasTerms;

    private void LoadTerms() => _hasTerms = _session.Handle.Scalar("SELECT EXISTS (SELECT 1 FROM term)") == "1";

    private void WriteTerms(JobRow row, IReadOnlyList<KeyValuePair<string, string>> terms)
    {
        // Stays when the transaction does not: it is only a hint to look.
        _hasTerms = true;
        foreach (var (path, value) in terms)
        {
            _session["INSERT INTO term (namespace, task, path, value, job_seq) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"]
                .Bind(row.Namespace.Name).Bind(row.Task).Bind(path).Bind(value).Bind(row.Seq).Run();
        }
        string[][] kept = [.. terms.Select(term => new[] { term.Key, term.Value })];
        _session["UPDATE payload SET terms = ? WHERE job_seq = ?"].Bind(JsonSerializer.Serialize(kept, StorageJson.Default.StringArrayArray)).Bind(row.Seq).Run();
    }

    private void DeleteTerms(JobRow row)
    {
        var s = _session["SELECT terms FROM payload WHERE job_seq = ? AND terms IS NOT NULL"].Bind(row.Seq);
        var kept = s.Step() ? JsonSerializer.Deserialize(s.Utf8(0), StorageJson.Default.StringArrayArray) : null;
        s.Reset();
        foreach (var term in kept ?? [])
        {
            _session["DELETE FROM term WHERE namespace = ? AND task = ? AND path = ? AND value = ? AND job_seq = ?"]
                .Bind(row.Namespace.Name).Bind(row.Task).Bind(term[0]).Bind(term[1]).Bind(row.Seq).Run();
        }
    }
}
