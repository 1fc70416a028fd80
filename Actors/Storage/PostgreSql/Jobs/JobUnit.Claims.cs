using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Claims where nothing limits: the first of a line start to run. Rows that another transaction holds are passed over, so nodes never wait for each other here.</content>
internal sealed partial class JobUnit
{
    private void Claim(JobWrite.Claim claim)
    {
        claim.Taken.Clear();
        claim.Expired.Clear();
        claim.LookAgain = null;
        if (_over.Contains(claim.Owner)) return;
        var queue = _queues[claim.Queue];
        if (claim.Limits is not null || queue.IsLimited)
        {
            if (!_memory.Signals.IsLimited(claim.Queue)) _memory.Signals.SetLimited(claim.Queue, true);
            // Only where the queue's lock is held alone, and once in a transaction: what one claim takes is counted when it has committed.
            if (_lines.ContainsKey(claim.Queue) || _book is not null) Limited.Add(claim);
            else ClaimUnder(claim, queue);
            return;
        }
        _memory.Signals.SetLimited(claim.Queue, false);
        if (!_lines.TryGetValue(claim.Queue, out var line)) line = ReadLine(claim.Queue, claim.Count, (long.MinValue, 0));
        while (true)
        {
            var met = 0;
            while (claim.Taken.Count < claim.Count && line.TryDequeue(out var entry))
            {
                met++;
                if (entry.Row.State == JobState.Queued && entry.Row.Queue == claim.Queue) Take(claim, entry);
            }
            // Only jobs that expired, or moved in this transaction, leave room for another look at the line.
            if (met == 0 || claim.Taken.Count == claim.Count) return;
            if (line.Count == 0) line = ReadLine(claim.Queue, claim.Count - claim.Taken.Count, _lineEnds[claim.Queue]);
        }
    }

    private Queue<JobEntry> ReadLine(string queue, int count, (long, long) after)
    {
        var line = new Queue<JobEntry>();
        var trip = new RoundTrip(_connection);
        ReadLine(trip, queue, count, after, line.Enqueue);
        trip.Go();
        CheckFresh();
        return line;
    }

    private void Take(JobWrite.Claim claim, JobEntry entry)
    {
        var was = entry.Row;
        Store(entry, (JobDecision.Moved)JobRules.Decide(was, new JobCommand.Claim(claim.Owner, Run.NewLease(_memory.Random), claim.Node), _now));
        var job = new Job(entry.Row, entry.Args, null, null) { Checkpoint = entry.Checkpoint, Children = Children(was) };
        (entry.Row.State == JobState.Running ? claim.Taken : claim.Expired).Add(job);
    }

    /// <summary>Of a job about to run; a run that waited for children was excused.</summary>
    private IReadOnlyList<ChildOutcome> Children(JobRow row) => row.Excused == 0 ? [] : _graph.ChildrenOf(row);
}
