namespace ActorPerf.Jobs;

/// <content>
/// What runs say while they run, for the other nodes: the newest progress and the new lines of each are stored once a second, the first time a second after it
/// has begun to speak. So a run that is over by then costs nothing, nor does one that says nothing, nor a node that is alone.
/// </content>
internal sealed partial class JobTracker
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AloneInterval = TimeSpan.FromSeconds(10);

    private readonly HashSet<RunningAttempt> _notesDue = [];

    private void Said(RunningAttempt attempt)
    {
        if (!_parts.IsShared || attempt.Settled || !_notesDue.Add(attempt)) return;
        Timers.StartSingleTimer(attempt.Context, new Tick.Note(attempt), _parts.HasOthers() ? NoteInterval : AloneInterval);
    }

    private void Note(RunningAttempt attempt)
    {
        _notesDue.Remove(attempt);
        if (attempt.Settled) return;
        // Somebody may come while it runs, and it may have said all that it has to say.
        if (!_parts.HasOthers()) Said(attempt);
        else if (attempt.TakeNote() is { } note && !_store.TryPost(note)) NoteFailed(note);
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
