using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Commands to one job.</content>
internal sealed partial class SqliteJobWriter
{
    private void Change(JobWrite.Change change)
    {
        if (change.Known is { } known && TryChange(change, known)) return;
        if (Find(change.Namespace, change.Id) is { } found)
        {
            if (!TryChange(change, found)) throw new InvalidOperationException($"Job {change.Id} changed inside its own transaction.");
            return;
        }
        change.Decision = null;
        change.Now = null;
        change.Was = null;
    }

    /// <summary>False when the row is no longer as <paramref name="job"/> says.</summary>
    private bool TryChange(JobWrite.Change change, Job job)
    {
        change.Was = null;
        var decision = JobRules.Decide(job.Row, change.Command, _now);
        if (decision is not JobDecision.Moved moved)
        {
            if (ReferenceEquals(job, change.Known)) return false;    // a refusal must rest on the row itself
            change.Decision = decision;
            change.Now = job;
            return true;
        }
        if (Store(job.Row, moved) is not { } next) return false;
        var result = next.State == JobState.Succeeded ? change.Result : null;
        if (result is { } bytes)
        {
            if (change.ResultMedia is null && bytes.Length <= ResultPacking.Threshold) _setResult.Bind(bytes.Span).Bind(next.Seq).Run();
            else SqliteResults.Write(_session, next.Seq, bytes, change.ResultMedia);
        }
        if (result is not null && change.Remember is { } remember) SqliteCacheRows.Put(_session, remember);
        if (result is not null) CrashPoints.Reach(CrashPoints.FinishBeforeCommit);
        if (change.Checkpoint is { } checkpoint && !next.State.IsFinal) SetCheckpoint(next.Seq, checkpoint);
        if (change.Attempt is { } attempt) WriteAttempt(next, attempt);
        if (change.HasNotes) EndNotes(job.Row);
        if (next.State == JobState.Held && change.Command is JobCommand.Park) Park(change, next);
        if (change.Command is JobCommand.Edit) WriteEdit(job.Row, next);
        change.Was = job.Row;
        change.Decision = moved with { Next = next };
        change.Now = new Job(next, job.Args, result, null);
        return true;
    }

    private void WriteAttempt(JobRow row, AttemptRecord attempt) => _session["""
        INSERT INTO attempt (job_seq, attempt, namespace, error_type, error_message, lines, dropped) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET error_type = excluded.error_type, error_message = excluded.error_message, lines = excluded.lines, dropped = excluded.dropped
        """].Bind(row.Seq).Bind((long)attempt.Attempt).Bind(row.Namespace.Name).Bind(attempt.Error?.Type).Bind(attempt.Error?.Message)
        .Bind(WriteLines(attempt.Lines)).Bind((long)attempt.Dropped).Run();

    private static byte[] WriteLines(IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0) return [];
        var stored = new List<StoredLine>(lines.Count);
        foreach (var line in lines) stored.Add(new StoredLine(SqliteTime.ToMicroseconds(line.At), (int)line.Level, line.Text));
        return JsonSerializer.SerializeToUtf8Bytes(stored, StorageJson.Default.ListStoredLine);
    }
}
