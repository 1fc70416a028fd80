namespace ActorPerf.Jobs;

/// <content>
/// What runs say while they run, for the other nodes: the newest progress and the new lines of each are stored once a second, the first time a second after it
/// has begun to speak. So a run that is over by then costs nothing, nor does one that says nothing, nor a node that has the store for itself.
/// </content>
internal sealed partial class JobTracker
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<RunningAttempt> _notesDue = [];

    private void Said(RunningAttempt attempt)
    {
        if (!_parts.IsShared || attempt.Settled || !_notesDue.Add(attempt)) return;
        Timers.StartSingleTimer(attempt.Context, new Tick.Note(attempt), NoteInterval);
    }

    private void Note(RunningAttempt attempt)
    {
        _notesDue.Remove(attempt);
        if (attempt.Settled || attempt.TakeNote() is not { } note || _store.TryPost(note)) return;
        NoteFailed(note);
    }

    /// <summary>It is said again: a task may have nothing more to say.</summary>
    private void NoteFailed(JobWrite.Note note)
    {
        if (_parts.Running.Of(note.Job) is not { } attempt) return;
        attempt.Unsaid(note);
        Said(attempt);
    }

    private void NoMoreNotes(RunningAttempt attempt)
    {
        if (_notesDue.Remove(attempt)) Timers.Cancel(attempt.Context);
    }

    /// <summary>After a restart, whose timers are gone.</summary>
    private void NoteAgain()
    {
        foreach (var attempt in _parts.Running.All)
            if (attempt.Context.Latest is not null || attempt.Context.LineCount > 0) Said(attempt);
    }
}
