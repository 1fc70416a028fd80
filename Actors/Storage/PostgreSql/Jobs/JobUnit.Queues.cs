using ActorPerf.Jobs;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Queues: the lock before their limits, and what is known of each.</content>
internal sealed partial class JobUnit
{
    // Who decides about limits, or sets them, has the lock alone; who claims where there are none shares it.
    private void LockQueues(RoundTrip trip, JobWants wants)
    {
        var gates = wants.Queues.Select(_memory.Gate).Order().ToArray();
        trip.Read(
            wants.Exclusive ? "SELECT pg_advisory_xact_lock(gate)::text FROM unnest($1::bigint[]) AS gate" : "SELECT pg_advisory_xact_lock_shared(gate)::text FROM unnest($1::bigint[]) AS gate",
            static _ => { }, Numbers(gates));
    }

    private void ReadQueues(RoundTrip trip, IEnumerable<string> queues) => trip.Read(
        $"""
        SELECT w.queue, {PostgresFlowReader.SettingColumns}, t.starts,
          EXISTS (SELECT 1 FROM {S}.job WHERE job.queue = w.queue AND {PostgresJobSchema.Blocked}),
          (SELECT job.rank FROM {S}.job WHERE job.queue = w.queue AND {PostgresJobSchema.Claimable} ORDER BY job.rank, job.seq LIMIT 1)
        FROM unnest($1::text[]) AS w (queue) LEFT JOIN {S}.queue_setting s ON s.queue = w.queue LEFT JOIN {S}.queue_starts t ON t.queue = w.queue
        """,
        r =>
        {
            const int At = 1 + PostgresFlowReader.SettingCount;
            _queues[r.GetString(0)] = new QueueEntry(PostgresFlowReader.ReadSetting(r, 1), RateWindow.Read(r.TextOrNull(At)), r.GetBoolean(At + 1)) { Head = r.NumberOrNull(At + 2) ?? long.MaxValue };
        }, Texts(queues));

    /// <summary>A job stands in its queue's line.</summary>
    private void Queued(JobRow row)
    {
        if (row.State == JobState.Queued && _queues.TryGetValue(row.Queue, out var queue)) queue.Head = Math.Min(queue.Head, JobRules.Rank(row));
    }

    /// <param name="Stored">What was set at run time.</param>
    /// <param name="HasBlocked">Jobs of it wait for their limit key.</param>
    private sealed record QueueEntry(QueueOverrides Stored, RateWindow Starts, bool HasBlocked)
    {
        /// <summary>The rank of the first of the line; the largest number where there is none.</summary>
        public long Head { get; set; }

        /// <summary>Something may hold its jobs back, whatever the configuration says.</summary>
        public bool IsLimited => !Stored.IsNone || HasBlocked;
    }
}
