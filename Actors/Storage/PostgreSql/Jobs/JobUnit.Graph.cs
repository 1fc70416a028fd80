using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Jobs that wait for others.</content>
internal sealed partial class JobUnit
{
    internal NpgsqlConnection Connection => _connection;

    /// <summary>Jobs whose arguments became whole: searchable values that were not known before are looked for.</summary>
    private void FillTerms()
    {
        var whole = _entries.Values.Where(entry => entry is { ArgsChanged: true, Was: not null }).ToDictionary(entry => entry.Row.Seq);
        if (whole.Count == 0) return;
        new RoundTrip(_connection).Read(
            $"SELECT job_seq, terms FROM {S}.payload WHERE job_seq = ANY ($1) AND terms IS NOT NULL",
            r =>
            {
                var (entry, kept) = (whole[r.GetInt64(0)], JsonSerializer.Deserialize(r.GetString(1), StorageJson.Default.StringArrayArray) ?? []);
                string[] open = [.. kept.Where(term => term.Length == 1).Select(term => term[0])];
                if (open.Length == 0) return;
                var terms = SearchTerms.Of(open, entry.Args);
                _changes.AddTerms(entry.Row, terms);
                var known = kept.Where(term => term.Length == 2).Select(term => new KeyValuePair<string, string>(term[0], term[1]));
                entry.Terms = JobChanges.WriteTerms([.. terms.Union(known)], []) ?? "[]";
            }, Numbers(whole.Keys)).Go();
    }

    /// <summary>A run was set aside: its children are stored, or those of its earlier try are found.</summary>
    private void Park(JobWrite.Change change, JobEntry parent)
    {
        var children = new List<(JobRow, string?)>(change.Children.Count);
        foreach (var child in change.Children)
        {
            var outcome = Insert(child, null, change.Followed, parent.Row.Id);
            if (outcome is not SubmitOutcome.Accepted accepted) continue;
            children.Add((accepted.Job.Row, child.ChildName));
            change.Followed.Add((accepted.Job, null));
        }
        _graph.Parked(parent.Row, children);
        if (children.Count == 0 && Apply(parent.Row.Seq, new JobCommand.Unhold(JobState.Queued, "it named no children")) is { } queued)
            change.Followed.Add((queued, JobState.Held));
    }

    private void Stop(JobWrite.StopWorkflow stop)
    {
        stop.Found = _edges.Workflow(stop.Namespace, stop.Id.ToString()) is not null;
        if (stop.Found) _graph.Stop(stop.Namespace, stop.Id.ToString(), null, stop.Followed);
    }
}
