using ActorPerf.Jobs;
using ActorPerf.Tasks;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Unique keys and idempotency keys: taken in the transaction of the submit. Two transactions that take the same one meet in its primary key; the later one begins again and finds it taken.</content>
internal sealed partial class JobUnit
{
    private static readonly TimeSpan IdempotencyLife = TimeSpan.FromHours(24);

    private readonly Dictionary<(Namespace, string), long> _holders = [];
    private readonly Dictionary<(Namespace, string), Answer> _answers = [];

    private void ReadKeys(RoundTrip trip, JobWants wants)
    {
        if (wants.UniqueKeys.Count > 0)
        {
            trip.Read(
                $"""
                SELECT u.namespace, u.key, u.job_seq FROM unnest($1::text[], $2::text[]) AS w (namespace, key)
                JOIN {S}.unique_key u ON u.namespace = w.namespace AND u.key = w.key
                """,
                r => _holders[(Namespace.FromStore(r.GetString(0)), r.GetString(1))] = r.GetInt64(2),
                Texts(wants.UniqueKeys.Select(key => key.Namespace.Name)), Texts(wants.UniqueKeys.Select(key => key.Key)));
        }
        if (wants.IdempotencyKeys.Count == 0) return;
        trip.Read(
            $"""
            SELECT i.namespace, i.key, i.digest, i.job_seq, i.expires_at FROM unnest($1::text[], $2::text[]) AS w (namespace, key)
            JOIN {S}.idempotency i ON i.namespace = w.namespace AND i.key = w.key
            """,
            r => _answers[(Namespace.FromStore(r.GetString(0)), r.GetString(1))] = new Answer(r.GetGuid(2), r.GetInt64(3), r.Time(4), Stored: r.GetInt64(3)),
            Texts(wants.IdempotencyKeys.Select(key => key.Namespace.Name)), Texts(wants.IdempotencyKeys.Select(key => key.Key)));
    }

    /// <summary>What a submission with a unique key is answered with; null when it is to be stored. A holder that makes way is cancelled here.</summary>
    private SubmitOutcome? Contend(NewJob job, List<(Job Job, JobState? From)> followed)
    {
        var row = job.Row;
        // Where the holder has just ended its hold, the key's row goes with the transaction that did so.
        if (!_holders.TryGetValue((row.Namespace, row.UniqueKey!), out var seq) || Find(seq) is not { } holder || !UniqueRules.Holds(holder.Row)) return null;
        if (UniqueRules.Meet(holder.Job, row) is { } met)
        {
            if (met is SubmitOutcome.Deduplicated && job.IdempotencyKey is { } key) Remember(row, key, seq);
            return met;
        }
        var from = holder.Row.State;
        Store(holder, (JobDecision.Moved)JobRules.Decide(holder.Row, new JobCommand.Supersede(row.Id), _now));
        followed.Add((holder.Job, from));
        return null;
    }

    private void TakeKey(JobRow row)
    {
        if (row.UniqueKey is null || !UniqueRules.Holds(row)) return;
        _holders[(row.Namespace, row.UniqueKey)] = row.Seq;
        _changes.TakenKeys[(row.Namespace, row.UniqueKey)] = row;
    }

    private void ReleaseKey(JobRow was, JobRow next)
    {
        if (was.UniqueKey is not { } key || !UniqueRules.Holds(was) || UniqueRules.Holds(next)) return;
        _holders.Remove((was.Namespace, key));
        if (_changes.TakenKeys.TryGetValue((was.Namespace, key), out var taken) && taken.Seq == was.Seq) _changes.TakenKeys.Remove((was.Namespace, key));
        else _changes.ReleasedKeys.Add(was);
    }

    private SubmitOutcome? Replay(NewJob job, string key)
    {
        if (!_answers.TryGetValue((job.Row.Namespace, key), out var answer) || answer.ExpiresAt <= _now) return null;
        // The job may have been deleted since; then the key is free again.
        if (Find(answer.Job) is not { } found) return null;
        return answer.Digest == job.Row.Digest ? new SubmitOutcome.Replayed(found.Job) : new SubmitOutcome.Refused(JobRefusals.IdempotencyMismatch(key));
    }

    private void Remember(JobRow row, string key, long seq)
    {
        var stored = _answers.GetValueOrDefault((row.Namespace, key))?.Stored;
        var answer = new Answer(row.Digest, seq, _now + IdempotencyLife, stored);
        _answers[(row.Namespace, key)] = answer;
        _changes.Answers[(row.Namespace, key)] = answer;
    }

    /// <summary>What an idempotency key answers with.</summary>
    /// <param name="Stored">The job that the key's row named when it was read; null: it has none.</param>
    internal sealed record Answer(Guid Digest, long Job, DateTimeOffset ExpiresAt, long? Stored);
}
