using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Storage.Sqlite;

/// <content>Searchable arguments: a row of the index each, and the list of them beside the payload, for what is declared may have changed when the job goes.</content>
internal sealed partial class SqliteJobWriter
{
    /// <summary>Whether a job may have some; a database without any looks no further.</summary>
    private bool _hasTerms;

    private void LoadTerms() => _hasTerms = _session.Handle.Scalar("SELECT EXISTS (SELECT 1 FROM term)") == "1";

    /// <param name="open">Paths whose values are not known yet.</param>
    private void WriteTerms(JobRow row, IReadOnlyList<KeyValuePair<string, string>> terms, IReadOnlyList<string> open)
    {
        // Stays when the transaction does not: it is only a hint to look.
        _hasTerms = true;
        foreach (var (path, value) in terms)
        {
            _session["INSERT INTO term (namespace, task, path, value, job_seq) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"]
                .Bind(row.Namespace.Name).Bind(row.Task).Bind(path).Bind(value).Bind(row.Seq).Run();
        }
        string[][] kept = [.. terms.Select(term => new[] { term.Key, term.Value }), .. open.Select(path => new[] { path })];
        _session["UPDATE payload SET terms = ? WHERE job_seq = ?"].Bind(JsonSerializer.Serialize(kept, StorageJson.Default.StringArrayArray)).Bind(row.Seq).Run();
    }

    /// <summary>The arguments are whole now: values that were not known are looked for.</summary>
    internal void FillTerms(long seq, ReadOnlyMemory<byte> args)
    {
        string[] open = [.. Kept(seq).Where(term => term.Length == 1).Select(term => term[0])];
        if (open.Length == 0 || FindBySeq(seq) is not { Row: var row }) return;
        DeleteTerms(row);
        WriteTerms(row, SearchTerms.Of(open, args), []);
    }

    private string[][] Kept(long seq)
    {
        var s = _session["SELECT terms FROM payload WHERE job_seq = ? AND terms IS NOT NULL"].Bind(seq);
        var kept = s.Step() ? JsonSerializer.Deserialize(s.Utf8(0), StorageJson.Default.StringArrayArray) : null;
        s.Reset();
        return kept ?? [];
    }

    private void DeleteTerms(JobRow row)
    {
        foreach (var term in Kept(row.Seq).Where(term => term.Length == 2))
        {
            _session["DELETE FROM term WHERE namespace = ? AND task = ? AND path = ? AND value = ? AND job_seq = ?"]
                .Bind(row.Namespace.Name).Bind(row.Task).Bind(term[0]).Bind(term[1]).Bind(row.Seq).Run();
        }
    }
}
