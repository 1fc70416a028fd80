using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>A move: the row, its history row, the counts, and who is to be told.</content>
internal sealed partial class JobUnit
{
    /// <summary>Notes a move; the entry carries the job as it is now.</summary>
    private void Store(JobEntry entry, JobDecision.Moved moved)
    {
        var was = entry.Row;
        var next = moved.Next;          // fresh from the rules, so nobody else holds it
        var wasBlocked = entry.Blocked;
        next.HistorySeq = NextHistory();
        (entry.Row, entry.Blocked) = (next, false);
        ReleaseKey(was, next);
        _changes.Keys.Moved(_write!, was, next, wasBlocked);
        _book?.Moved(was, next, wasBlocked);
        _changes.AddHistory(next, was.State, _now, next.HistorySeq, was.HistorySeq, next.Run ?? was.Run, moved.Detail);
        _changes.Count(was, was.State, -1);
        _changes.Count(next, next.State, 1);
        if (_memory.Webhooks.Concerns(next)) _changes.Deliveries.AddRange(_memory.Webhooks.Deliveries(was, next, _now, _memory.Random, () => entry.Args));
        Queued(next);
        if (next.State.IsFinal) _edges.AskAwaited(next.Seq, _graph);
        _graph.Moved(was.State, next);
    }

    /// <summary>Decides and notes; null when the rules leave the job as it is.</summary>
    internal Job? Apply(long seq, JobCommand command)
    {
        if (Find(seq) is not { } entry || JobRules.Decide(entry.Row, command, _now) is not JobDecision.Moved moved) return null;
        Store(entry, moved);
        return entry.Job;
    }

    private void Change(JobWrite.Change change)
    {
        (change.Decision, change.Now, change.Was) = (null, null, null);
        var entry = change.Known is { } known ? _entries.GetValueOrDefault(known.Row.Seq) ?? Find(change.Namespace, change.Id) : Find(change.Namespace, change.Id);
        if (entry is null) return;
        var was = entry.Row;
        var decision = JobRules.Decide(was, change.Command, _now);
        if (decision is not JobDecision.Moved moved)
        {
            (change.Decision, change.Now) = (decision, entry.Job);
            return;
        }
        Store(entry, moved);
        if (entry.Row.State == JobState.Succeeded && change.Result is { } result)
        {
            SetResult(entry, result, change.ResultMedia);
            if (change.Remember is { } remember) _changes.Remembered.Add(remember);
        }
        else if (change.Checkpoint is { } checkpoint && !entry.Row.State.IsFinal) (entry.Checkpoint, entry.CheckpointChanged) = (checkpoint, true);
        if (change.Attempt is { } attempt) _changes.Attempts[(entry.Row.Seq, attempt.Attempt)] = (entry.Row, attempt);
        if (change.HasNotes) _changes.EndedNotes.Add((was.Seq, was.Attempt));
        if (change.Command is JobCommand.Edit) Edit(was, entry.Row);
        (change.Was, change.Decision, change.Now) = (was, moved with { Next = entry.Row }, new Job(entry.Row, entry.Args, entry.Row.State == JobState.Succeeded ? change.Result : null, null));
        if (entry.Row.State == JobState.Held && change.Command is JobCommand.Park) Park(change, entry);
    }

    private void SetResult(JobEntry entry, ReadOnlyMemory<byte> result, ResultMedia? media)
    {
        _changes.HasResults = true;
        (entry.Result, entry.HasResult, entry.ResultChanged, entry.Media) = (result, true, true, media);
        (entry.Checkpoint, entry.CheckpointChanged) = (null, false);
    }

    private void Edit(JobRow was, JobRow next)
    {
        if (ReferenceEquals(next.Tags, was.Tags)) return;
        _changes.Untagged.AddRange(was.Tags.Select(tag => (was, tag)));
        _changes.Tags.RemoveAll(tag => tag.Row.Seq == was.Seq);
        _changes.Tags.AddRange(next.Tags.Select(tag => (next, tag)));
    }

    private void Save(JobWrite.Save save)
    {
        var entry = _entries.GetValueOrDefault(save.Job.Row.Seq) ?? Find(save.Job.Row.Seq);
        save.Saved = entry is not null && entry.Row.Run == save.Run;
        if (!save.Saved) return;
        (entry!.Checkpoint, entry.CheckpointChanged) = (save.Checkpoint, true);
        HasCheckpoints = true;
    }

    private void Note(JobWrite.Note note)
    {
        var entry = _entries.GetValueOrDefault(note.Job.Row.Seq) ?? Find(note.Job.Row.Seq);
        note.Noted = entry is not null && entry.Row.Run == note.Run;
        if (!note.Noted) return;
        foreach (var (first, body) in RunNoteBody.Parts(note)) _changes.Notes[(entry!.Row.Seq, note.Run.Attempt, first)] = (_now, body);
    }

    private void ReadWebhooks(long epoch)
    {
        _memory.Webhooks.Clear();
        new RoundTrip(_connection).Read($"SELECT {PostgresWebhookStore.WebhookColumns} FROM {S}.webhook w", r => _memory.Webhooks.Put(PostgresWebhookStore.ReadWebhook(r))).Go();
        // Rows that came after the number was read are read again with the next number: that is no harm.
        _memory.WebhookEpoch = epoch;
    }
}
