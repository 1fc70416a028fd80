using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Claims: the first of a line start to run.</content>
internal sealed partial class SqliteJobWriter
{
    private void Claim(JobWrite.Claim claim)
    {
        claim.Taken.Clear();
        claim.Expired.Clear();
        claim.LookAgain = null;
        if (IsOver(claim.Owner)) return;
        if (_flow.Enter(claim, this, _now) is { } pass)
        {
            ClaimUnder(pass, claim);
            return;
        }
        while (claim.Taken.Count < claim.Count)
        {
            var wanted = claim.Count - claim.Taken.Count;
            var found = First(claim.Queue, wanted);
            foreach (var job in found) Take(claim, job);
            // Only expired jobs leave room for another look at the line.
            if (found.Count < wanted) return;
        }
    }

    /// <summary>Its node was downed and may not have seen it yet: what it started would only be lost again.</summary>
    private bool IsOver(Incarnation owner)
    {
        var over = _isOver.Bind(owner.Value).Step();
        _isOver.Reset();
        return over;
    }

    private Job Claimed()
    {
        var job = new Job(_rows.Read(_claim), _claim.BlobOrNull(SqliteJobRows.Count), null, null);
        return _claim.IsNull(SqliteJobRows.Count + 1) ? job : job with { Checkpoint = _claim.BlobOrNull(SqliteJobRows.Count + 1) };
    }

    private List<Job> First(string queue, int count)
    {
        var found = new List<Job>(Math.Min(count, 256));
        _claim.Bind(queue).Bind((long)count);
        while (_claim.Step()) found.Add(Claimed());
        _claim.Reset();
        return found;
    }

    private JobRow Take(JobWrite.Claim claim, Job job)
    {
        var moved = (JobDecision.Moved)JobRules.Decide(job.Row, new JobCommand.Claim(claim.Owner, Run.NewLease(_random), claim.Node), _now);
        var next = Store(job.Row, moved) ?? throw new InvalidOperationException($"Job {job.Row.Id} changed inside its own transaction.");
        (next.State == JobState.Running ? claim.Taken : claim.Expired).Add(job with { Row = next, Children = Children(job.Row) });
        return next;
    }
}
