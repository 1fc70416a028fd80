using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>What stands beside a job's row: keys, tags, terms, attempts, deliveries, edges, limits, counts.</content>
internal sealed partial class JobChanges
{
    private static readonly Column<(JobRow Row, AttemptRecord Attempt)>[] AttemptColumns =
    [
        RowSet.Number<(JobRow Row, AttemptRecord Attempt)>("job_seq", a => a.Row.Seq), RowSet.Number<(JobRow Row, AttemptRecord Attempt)>("attempt", a => a.Attempt.Attempt),
        RowSet.Text<(JobRow Row, AttemptRecord Attempt)>("namespace", a => a.Row.Namespace.Name), RowSet.Text<(JobRow Row, AttemptRecord Attempt)>("error_type", a => a.Attempt.Error?.Type),
        RowSet.Text<(JobRow Row, AttemptRecord Attempt)>("error_message", a => a.Attempt.Error?.Message), RowSet.Bytes<(JobRow Row, AttemptRecord Attempt)>("lines", a => WriteLines(a.Attempt.Lines)),
        RowSet.Number<(JobRow Row, AttemptRecord Attempt)>("dropped", a => a.Attempt.Dropped),
    ];

    private static readonly Column<Delivery>[] DeliveryColumns =
    [
        RowSet.Id<Delivery>("id", d => d.Id), RowSet.Text<Delivery>("namespace", d => d.Namespace.Name), RowSet.Text<Delivery>("webhook", d => d.Webhook), RowSet.Text<Delivery>("url", d => d.Url),
        RowSet.Text<Delivery>("host", d => d.Host), RowSet.Number<Delivery>("job_seq", d => d.JobSeq), RowSet.IdOrNull<Delivery>("job", d => d.Job?.Value), RowSet.Text<Delivery>("task", d => d.Task),
        RowSet.Text<Delivery>("queue", d => d.Queue), RowSet.NumberOrNull<Delivery>("event", d => (long?)d.Event), RowSet.Number<Delivery>("at", d => PostgresTime.ToMicroseconds(d.At)),
        RowSet.Number<Delivery>("state", _ => 0), RowSet.Number<Delivery>("attempts", _ => 0), RowSet.Number<Delivery>("due_at", d => PostgresTime.ToMicroseconds(d.DueAt)),
    ];

    private static readonly Column<(Namespace Namespace, GraphEdge Edge)>[] EdgeColumns =
    [
        RowSet.Text<(Namespace Namespace, GraphEdge Edge)>("namespace", e => e.Namespace.Name), RowSet.Number<(Namespace Namespace, GraphEdge Edge)>("parent_seq", e => e.Edge.Parent),
        RowSet.Number<(Namespace Namespace, GraphEdge Edge)>("child_seq", e => e.Edge.Child), RowSet.Id<(Namespace Namespace, GraphEdge Edge)>("parent", e => e.Edge.ParentId.Value),
        RowSet.Number<(Namespace Namespace, GraphEdge Edge)>("kind", e => (long)e.Edge.Kind), RowSet.Number<(Namespace Namespace, GraphEdge Edge)>("\"on\"", e => (long)e.Edge.On),
        RowSet.Number<(Namespace Namespace, GraphEdge Edge)>("position", e => e.Edge.Position), RowSet.Text<(Namespace Namespace, GraphEdge Edge)>("name", e => e.Edge.Name),
        RowSet.Flag<(Namespace Namespace, GraphEdge Edge)>("done", e => e.Edge.Done),
    ];

    private static readonly string UpsertAttempts = RowSet.Insert("attempt", AttemptColumns, """
        ON CONFLICT (job_seq, attempt) DO UPDATE SET error_type = excluded.error_type, error_message = excluded.error_message, lines = excluded.lines, dropped = excluded.dropped
        """);

    private static readonly string InsertDeliveries = RowSet.Insert("delivery", DeliveryColumns);
    private static readonly string InsertEdges = RowSet.Insert("edge", EdgeColumns);

    private void WriteKeys(RoundTrip trip)
    {
        if (ReleasedKeys.Count > 0)
        {
            trip.Run(
                $"DELETE FROM {S}.unique_key u USING unnest($1::text[], $2::text[], $3::bigint[]) AS w (namespace, key, seq) WHERE u.namespace = w.namespace AND u.key = w.key AND u.job_seq = w.seq", null,
                Texts(ReleasedKeys.Select(row => row.Namespace.Name)), Texts(ReleasedKeys.Select(row => row.UniqueKey)), Numbers(ReleasedKeys.Select(row => row.Seq)));
        }
        if (TakenKeys.Count > 0)
        {
            var taken = TakenKeys.Values.OrderBy(row => row.Namespace.Name, StringComparer.Ordinal).ThenBy(row => row.UniqueKey, StringComparer.Ordinal).ToArray();
            trip.Run(
                $"INSERT INTO {S}.unique_key (namespace, key, job_seq, until) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::integer[])", taken.Length,
                Texts(taken.Select(row => row.Namespace.Name)), Texts(taken.Select(row => row.UniqueKey)), Numbers(taken.Select(row => row.Seq)), Smalls(taken.Select(row => (int)row.UniqueUntil)));
        }
        // No lock keeps two apart where the job that the key named is gone: who finds another one there than it read begins again, and is answered with that.
        if (AnswersWhere(stored: true) is { Length: > 0 } changed)
        {
            trip.RunUnlocked(
                $"""
                UPDATE {S}.idempotency i SET digest = w.digest, job_seq = w.seq, expires_at = w.expires
                FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[]) AS w (namespace, key, digest, seq, expires, before)
                WHERE i.namespace = w.namespace AND i.key = w.key AND i.job_seq = w.before
                """, changed.Length, [.. Bind(changed), Numbers(changed.Select(answer => answer.Value.Stored ?? 0))]);
        }
        if (AnswersWhere(stored: false) is { Length: > 0 } added)
        {
            trip.Run(
                $"INSERT INTO {S}.idempotency (namespace, key, digest, job_seq, expires_at) SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[])",
                added.Length, Bind(added));
        }
    }

    private KeyValuePair<(Namespace Namespace, string Key), JobUnit.Answer>[] AnswersWhere(bool stored) =>
        [.. Answers.Where(answer => (answer.Value.Stored is not null) == stored).OrderBy(answer => answer.Key.Namespace.Name, StringComparer.Ordinal).ThenBy(answer => answer.Key.Key, StringComparer.Ordinal)];

    private static NpgsqlParameter[] Bind(KeyValuePair<(Namespace Namespace, string Key), JobUnit.Answer>[] answers) =>
    [
        Texts(answers.Select(answer => answer.Key.Namespace.Name)), Texts(answers.Select(answer => answer.Key.Key)), Ids(answers.Select(answer => (Guid?)answer.Value.Digest)),
        Numbers(answers.Select(answer => answer.Value.Job)), Numbers(answers.Select(answer => PostgresTime.ToMicroseconds(answer.Value.ExpiresAt))),
    ];

    private void WriteDeletes(RoundTrip trip)
    {
        if (Deleted.Count == 0) return;
        var seqs = Deleted.Select(row => row.Seq).ToArray();
        trip.Run($"DELETE FROM {S}.job WHERE seq = ANY ($1)", seqs.Length, Numbers(seqs));
        trip.Run(
            $"""
            DELETE FROM {S}.term t USING {S}.payload p, json_array_elements(p.terms::json) AS each
            WHERE p.job_seq = ANY ($1) AND t.job_seq = p.job_seq AND t.namespace = p.namespace AND t.task = ANY ($2) AND t.path = each ->> 0 AND t.value = each ->> 1
            """, null, Numbers(seqs), Texts(Deleted.Select(row => row.Task).Distinct()));
        trip.Run($"DELETE FROM {S}.payload WHERE job_seq = ANY ($1)", seqs.Length, Numbers(seqs));
        trip.Run($"DELETE FROM {S}.attempt WHERE job_seq = ANY ($1)", null, Numbers(seqs));
        trip.Run($"DELETE FROM {S}.run_note WHERE job_seq = ANY ($1)", null, Numbers(seqs));
        trip.Run($"DELETE FROM {S}.edge WHERE child_seq = ANY ($1)", null, Numbers(seqs));
        trip.Run(
            $"""
            WITH gone AS (DELETE FROM {S}.workflow_job WHERE job_seq = ANY ($1) RETURNING workflow_seq)
            DELETE FROM {S}.workflow w WHERE w.seq IN (SELECT workflow_seq FROM gone)
              AND NOT EXISTS (SELECT 1 FROM {S}.workflow_job j WHERE j.namespace = w.namespace AND j.workflow_seq = w.seq AND j.job_seq <> ALL ($1))
            """, null, Numbers(seqs));
        Untagged.AddRange(Deleted.SelectMany(row => row.Tags.Select(tag => (row, tag))));
    }

    private void WriteBeside(RoundTrip trip)
    {
        if (Untagged.Count > 0)
        {
            trip.Run(
                $"DELETE FROM {S}.tag t USING unnest($1::text[], $2::text[], $3::bigint[]) AS w (namespace, tag, seq) WHERE t.namespace = w.namespace AND t.tag = w.tag AND t.job_seq = w.seq", null,
                Texts(Untagged.Select(tag => tag.Row.Namespace.Name)), Texts(Untagged.Select(tag => tag.Tag)), Numbers(Untagged.Select(tag => tag.Row.Seq)));
        }
        if (Tags.Count > 0)
        {
            trip.Run(
                $"INSERT INTO {S}.tag (namespace, tag, job_seq) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING", null,
                Texts(Tags.Select(tag => tag.Row.Namespace.Name)), Texts(Tags.Select(tag => tag.Tag)), Numbers(Tags.Select(tag => tag.Row.Seq)));
        }
        if (Terms.Count > 0)
        {
            trip.Run(
                $"INSERT INTO {S}.term (namespace, task, path, value, job_seq) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) ON CONFLICT DO NOTHING", null,
                Texts(Terms.Select(term => term.Row.Namespace.Name)), Texts(Terms.Select(term => term.Row.Task)), Texts(Terms.Select(term => term.Path)), Texts(Terms.Select(term => term.Value)),
                Numbers(Terms.Select(term => term.Row.Seq)));
        }
        if (Attempts.Count > 0) trip.Run(UpsertAttempts, null, RowSet.Bind(AttemptColumns, [.. Attempts.Values]));
        WriteNotes(trip);
        if (Deliveries.Count > 0) trip.Run(InsertDeliveries, Deliveries.Count, RowSet.Bind(DeliveryColumns, Deliveries));
    }

    /// <summary>In the order of their rows' keys, so that two transactions with the same results take turns.</summary>
    private void WriteRemembered(RoundTrip trip)
    {
        if (Remembered.Count == 0) return;
        foreach (var (_, entry) in Remembered.Select(entry => (Hash: Convert.ToHexStringLower(CacheScope.Hash(entry.Key)), entry)).OrderBy(each => each.Hash, StringComparer.Ordinal))
            trip.Run(PostgresCacheRows.Put, null, PostgresCacheRows.Row(entry));
    }

    private void WriteGraph(RoundTrip trip, DateTimeOffset now)
    {
        if (RemovedEdges.Count > 0)
        {
            trip.Run(
                $"DELETE FROM {S}.edge e USING unnest($1::bigint[], $2::integer[]) AS w (child, kind) WHERE e.child_seq = w.child AND e.kind = w.kind", null,
                Numbers(RemovedEdges.Select(edge => edge.Child)), Smalls(RemovedEdges.Select(edge => (int)edge.Kind)));
        }
        if (NewEdges.Count > 0) trip.Run(InsertEdges, NewEdges.Count, RowSet.Bind(EdgeColumns, NewEdges));
        if (ClosedEdges.Count > 0)
        {
            trip.Run(
                $"""
                UPDATE {S}.edge e SET done = true FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (namespace, parent, child)
                WHERE e.namespace = w.namespace AND e.parent_seq = w.parent AND e.child_seq = w.child
                """, null,
                Texts(ClosedEdges.Select(edge => edge.Namespace.Name)), Numbers(ClosedEdges.Select(edge => edge.Edge.Parent)), Numbers(ClosedEdges.Select(edge => edge.Edge.Child)));
        }
        if (Workflow is not { } made) return;
        var members = made.Workflow.Members.Zip(made.Members).Select((member, i) => (member.First, Seq: member.Second, Position: i)).Where(member => member.Seq is not null).ToArray();
        trip.Run(
            $"""
            WITH made AS (INSERT INTO {S}.workflow (namespace, id, name, on_failure, created_at, rerun_of) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq)
            INSERT INTO {S}.workflow_job (namespace, workflow_seq, position, name, job_seq, template)
            SELECT $1, made.seq, w.position, w.name, w.job_seq, w.template FROM made, unnest($7::integer[], $8::text[], $9::bigint[], $10::bytea[]) AS w (position, name, job_seq, template)
            """, members.Length,
            Text(made.Workflow.Namespace.Name), Id(made.Workflow.Id.Value), Text(made.Workflow.Name), Small((int)made.Workflow.OnFailure), Time(now), Id(made.Workflow.RerunOf?.Value),
            Smalls(members.Select(member => member.Position)), Texts(members.Select(member => member.First.Name)), Numbers(members.Select(member => member.Seq!.Value)),
            new Npgsql.NpgsqlParameter<byte[][]> { TypedValue = [.. members.Select(member => member.First.Template.ToArray())] });
    }

    private void WriteFlow(RoundTrip trip, DateTimeOffset now)
    {
        if (QueueStarts is { } starts)
        {
            if (starts.Starts.IsEmpty) trip.Run($"DELETE FROM {S}.queue_starts WHERE queue = $1", null, Text(starts.Queue));
            else trip.Run($"INSERT INTO {S}.queue_starts (queue, starts) VALUES ($1, $2) ON CONFLICT (queue) DO UPDATE SET starts = excluded.starts", null, Text(starts.Queue), Text(starts.Starts.Write()));
        }
        if (Setting is not { } set) return;
        trip.Run($"DELETE FROM {S}.queue_setting WHERE queue = $1", null, Text(set.Queue));
        if (set.Now.IsNone) return;
        trip.Run(
            $"""
            INSERT INTO {S}.queue_setting (queue, paused, concurrency, rate_limit, rate_per, key_concurrency, key_rate_limit, key_rate_per, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, 1,
            Text(set.Queue), Flag(set.Now.Paused), Small(set.Now.Concurrency), Small(set.Now.Rate?.Limit), Number(PostgresTime.ToMicroseconds(set.Now.Rate?.Per)), Small(set.Now.KeyConcurrency),
            Small(set.Now.KeyRate?.Limit), Number(PostgresTime.ToMicroseconds(set.Now.KeyRate?.Per)), Time(now));
    }

    /// <summary>The counters' summed changes, in the connection's own rows.</summary>
    private void WriteCounts(RoundTrip trip, int slot)
    {
        var counts = _counts.Where(count => count.Value != 0).OrderBy(count => count.Key.Namespace.Name, StringComparer.Ordinal).ThenBy(count => count.Key.Queue, StringComparer.Ordinal)
            .ThenBy(count => count.Key.Task, StringComparer.Ordinal).ThenBy(count => count.Key.State).ToArray();
        if (counts.Length == 0) return;
        trip.Run(
            $"""
            INSERT INTO {S}.counter AS c (namespace, queue, task, state, slot, count) SELECT w.namespace, w.queue, w.task, w.state, $6, w.count
            FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[]) AS w (namespace, queue, task, state, count)
            ON CONFLICT (namespace, queue, task, state, slot) DO UPDATE SET count = c.count + excluded.count
            """, counts.Length,
            Texts(counts.Select(count => count.Key.Namespace.Name)), Texts(counts.Select(count => count.Key.Queue)), Texts(counts.Select(count => count.Key.Task)),
            Smalls(counts.Select(count => (int)count.Key.State)), Numbers(counts.Select(count => count.Value)), Small(slot));
    }

    private void WriteLimits(RoundTrip trip)
    {
        if (Keys.IsEmpty) return;
        var limits = Keys.Changed.ToArray();
        var (namespaces, keys) = (limits.Select(limit => limit.Namespace).ToArray(), limits.Select(limit => limit.Key).ToArray());
        trip.Run(
            $"""
            INSERT INTO {S}.limit_key AS k (namespace, key, running, queued, queue)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
            ON CONFLICT (namespace, key) DO UPDATE SET running = k.running + excluded.running, queued = k.queued + excluded.queued, queue = coalesce(excluded.queue, k.queue)
            """, limits.Length,
            Texts(namespaces), Texts(keys), Numbers(limits.Select(limit => limit.Running)), Numbers(limits.Select(limit => limit.Queued)), Texts(limits.Select(limit => limit.Queue)));
        var started = Array.FindAll(limits, limit => limit.Starts is not null);
        if (started.Length > 0)
        {
            trip.Run(
                $"UPDATE {S}.limit_key k SET starts = w.starts FROM unnest($1::text[], $2::text[], $3::text[]) AS w (namespace, key, starts) WHERE k.namespace = w.namespace AND k.key = w.key",
                started.Length, Texts(started.Select(limit => limit.Namespace)), Texts(started.Select(limit => limit.Key)), Texts(started.Select(limit => limit.Starts!.Write())));
        }
        trip.Run(
            $"""
            DELETE FROM {S}.limit_key k USING unnest($1::text[], $2::text[]) AS w (namespace, key)
            WHERE k.namespace = w.namespace AND k.key = w.key AND k.running = 0 AND k.queued = 0 AND k.starts IS NULL
            """, null, Texts(namespaces), Texts(keys));
        trip.Read(
            $"""
            SELECT DISTINCT job.namespace, job.limit_key, job.queue FROM unnest($1::text[], $2::text[]) AS w (namespace, key)
            JOIN {S}.job ON job.namespace = w.namespace AND job.limit_key = w.key AND job.{PostgresJobSchema.Blocked}
            """, r => Keys.AddLine(r.GetString(0), r.GetString(1), r.GetString(2)), Texts(namespaces), Texts(keys));
    }

    /// <summary>The list of a job's searchable arguments, for the column beside them.</summary>
    /// <param name="open">Paths whose values are not known yet.</param>
    public static string? WriteTerms(IReadOnlyList<KeyValuePair<string, string>> terms, IReadOnlyList<string> open) => terms.Count == 0 && open.Count == 0
        ? null
        : JsonSerializer.Serialize([.. terms.Select(term => new[] { term.Key, term.Value }), .. open.Select(path => new[] { path })], StorageJson.Default.StringArrayArray);

    public void AddTerms(JobRow row, IReadOnlyList<KeyValuePair<string, string>> terms)
    {
        foreach (var (path, value) in terms) Terms.Add((row, path, value));
    }

    private static byte[] WriteLines(IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0) return [];
        return JsonSerializer.SerializeToUtf8Bytes([.. lines.Select(line => new StoredLine(PostgresTime.ToMicroseconds(line.At), (int)line.Level, line.Text))], StorageJson.Default.ListStoredLine);
    }
}
