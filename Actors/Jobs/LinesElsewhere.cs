using System.Runtime.CompilerServices;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>For who follows one job that runs on another node: the lines between the last note of a run and its end, which are in the job's history when it has ended.</summary>
/// <remarks>Of one follower, and used by nobody else.</remarks>
internal sealed class LinesElsewhere(IJobStore store, RunningAttempts running, Namespace ns, JobId id)
{
    private int _attempt;       // the newest run that anything was told of
    private int _told;          // its lines that were told, or were there before; all of them where it runs here

    /// <summary>Lines from before the follower came are not told.</summary>
    public async ValueTask BeginAsync(JobRow row, CancellationToken ct)
    {
        _attempt = row.Attempt;
        _told = !row.State.IsActive || running.Holds(ns, id) ? int.MaxValue : (await LinesAsync(ct)).Count;
    }

    /// <summary>Whether a line is new.</summary>
    public bool Tell(JobEvent.Log log)
    {
        if (log.Attempt < _attempt) return false;
        if (log.Attempt > _attempt) _told = 0;
        _attempt = log.Attempt;
        if (log.Number == 0) _told = int.MaxValue;      // it runs here, and every line is told as it comes
        else if (log.Number <= _told) return false;
        else _told = log.Number;
        return true;
    }

    /// <summary>Before a change is told: the lines of the run that it ended.</summary>
    public async IAsyncEnumerable<JobEvent> RestAsync(JobRow now, [EnumeratorCancellation] CancellationToken ct)
    {
        if (now.State.IsActive || now.Attempt < _attempt || (now.Attempt == _attempt && _told == int.MaxValue)) yield break;
        if (now.Attempt > _attempt) (_attempt, _told) = (now.Attempt, 0);
        foreach (var line in (await LinesAsync(ct)).Skip(_told)) yield return new JobEvent.Log(id, _attempt, line);
        _told = int.MaxValue;
    }

    private async ValueTask<IReadOnlyList<LogLine>> LinesAsync(CancellationToken ct) =>
        (await store.ReadHistoryAsync(ns, id, ct))?.Attempts.FirstOrDefault(record => record.Attempt == _attempt)?.Lines ?? [];
}
