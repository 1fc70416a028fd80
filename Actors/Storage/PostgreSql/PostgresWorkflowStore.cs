using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads workflows of a PostgreSQL database; the job store writes them.</summary>
internal sealed class PostgresWorkflowStore(NpgsqlDataSource source, IJobStore jobs) : IWorkflowStore
{
    private const string Schema = PostgresDialect.Schema;
    private const string Columns = "seq, id, name, on_failure, created_at, rerun_of";

    // A member is never deleted while its workflow is there, so reads that follow each other see the same jobs, if further on.
    public async ValueTask<WorkflowView?> ReadAsync(Namespace ns, WorkflowId id, CancellationToken ct)
    {
        if (await FindAsync(ns, id, ct) is not { } row) return null;
        var members = await MembersAsync(row, ct);
        return new WorkflowView(row with { Counts = members.CountBy(member => member.Job.Row.State).ToDictionary() }, members);
    }

    public async ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct)
    {
        var rows = await PostgresFaults.AskAsync(async () =>
        {
            await using var command = source.CreateCommand($"SELECT {Columns} FROM {Schema}.workflow WHERE namespace = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3")
                .Bind(Text(ns.Name), Number(before ?? long.MaxValue), Number(limit + 1));
            return await command.ListAsync(r => ReadRow(r, ns), ct);
        });
        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var counts = await CountsAsync(ns, rows, ct);
        return new WorkflowPage([.. rows.Select(row => row with { Counts = counts[row.Seq].ToDictionary(count => count.State, count => count.Count) })], more ? rows[^1].Seq : null);
    }

    private async Task<WorkflowRow?> FindAsync(Namespace ns, WorkflowId id, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT {Columns} FROM {Schema}.workflow WHERE namespace = $1 AND id = $2").Bind(Text(ns.Name), Id(id.Value));
        return await command.ListAsync(r => ReadRow(r, ns), ct) is [var row] ? row : null;
    });

    private async Task<List<WorkflowMember>> MembersAsync(WorkflowRow row, CancellationToken ct)
    {
        var found = await PostgresFaults.AskAsync(async () =>
        {
            await using var command = source.CreateCommand($"""
                SELECT w.name, job.id, w.template FROM {Schema}.workflow_job w JOIN {Schema}.job ON job.seq = w.job_seq
                WHERE w.namespace = $1 AND w.workflow_seq = $2 ORDER BY w.position
                """).Bind(Text(row.Namespace.Name), Number(row.Seq));
            return await command.ListAsync(r => (Name: r.GetString(0), Job: new JobId(r.GetGuid(1)), Template: r.BytesOrNull(2)), ct);
        });
        if (found.Count == 0) return [];
        var own = row.Id.ToString();
        var read = await jobs.ReadManyAsync(row.Namespace, found.ConvertAll(member => member.Job), ct);
        var members = new List<WorkflowMember>(found.Count);
        for (var i = 0; i < found.Count; i++)
            if (read[i] is { } job) members.Add(new WorkflowMember(found[i].Name, job with { Result = null }, found[i].Template, Kept: job.Row.Workflow != own));
        return members;
    }

    private async Task<ILookup<long, (JobState State, int Count)>> CountsAsync(Namespace ns, List<WorkflowRow> rows, CancellationToken ct)
    {
        var counts = await PostgresFaults.AskAsync(async () =>
        {
            await using var command = source.CreateCommand($"""
                SELECT w.workflow_seq, job.state, count(*) FROM {Schema}.workflow_job w JOIN {Schema}.job ON job.seq = w.job_seq
                WHERE w.namespace = $1 AND w.workflow_seq = ANY ($2) GROUP BY w.workflow_seq, job.state
                """).Bind(Text(ns.Name), Numbers(rows.Select(row => row.Seq)));
            return await command.ListAsync(r => (Seq: r.GetInt64(0), State: (JobState)r.GetInt32(1), Count: (int)r.GetInt64(2)), ct);
        });
        return counts.ToLookup(count => count.Seq, count => (count.State, count.Count));
    }

    private static WorkflowRow ReadRow(NpgsqlDataReader r, Namespace ns) => new(
        r.GetInt64(0), new WorkflowId(r.GetGuid(1)), ns, r.TextOrNull(2), (OnFailure)r.GetInt32(3), r.Time(4), r.IdOrNull(5) is { } rerunOf ? new WorkflowId(rerunOf) : null);
}
