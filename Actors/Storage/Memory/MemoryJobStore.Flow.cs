using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <content>Limits, by the same book as of stores that keep it.</content>
internal sealed partial class MemoryJobStore : IFlowRows
{
    private readonly FlowBook _flow = new();
    private readonly Dictionary<string, long> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<(Namespace Namespace, string Key, string Queue), SortedSet<(long Rank, long Seq)>> _blocked = [];

    public ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct)
    {
        lock (_gate) return new(new Dictionary<string, QueueOverrides>(_flow.Overrides, StringComparer.Ordinal));
    }

    public ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        lock (_gate)
        {
            var starts = _flow.Queues.ToDictionary(queue => queue.Name, queue => queue.Starts);
            return new(new FlowUse(
                queues.ToDictionary(queue => queue, queue => new QueueUse(_active.GetValueOrDefault(queue), Copy(starts.GetValueOrDefault(queue)))),
                _flow.Keys.Where(key => key.Namespace == ns && keys.Contains(key.Name)).ToDictionary(key => key.Name, Use)));
        }
    }

    public ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct)
    {
        lock (_gate)
        {
            var place = (JobRules.Rank(job), job.Seq);
            var before = Before(_lines.GetValueOrDefault(job.Queue), place)
                + (job.LimitKey is { } key ? Before(_blocked.GetValueOrDefault((job.Namespace, key, job.Queue)), place) : 0);
            return new(Math.Min(before, atMost));
        }
    }

    public ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_flow.Keys.Where(key => key.Namespace == ns && string.CompareOrdinal(key.Name, after ?? "") > 0 && key.Running + key.Queued > 0)
                .OrderBy(key => key.Name, StringComparer.Ordinal).Take(limit).Select(Use).ToArray());
        }
    }

    long IFlowRows.Running(string queue) => _active.GetValueOrDefault(queue);

    void IFlowRows.Block(JobRow row)
    {
        Unline(row);
        Blocked(row).Add((JobRules.Rank(row), row.Seq));
    }

    private SortedSet<(long Rank, long Seq)> Blocked(JobRow row)
    {
        var place = (row.Namespace, row.LimitKey!, row.Queue);
        if (!_blocked.TryGetValue(place, out var line)) _blocked.Add(place, line = []);
        return line;
    }

    int IFlowRows.Unblock(FlowLine line, int count)
    {
        if (!_blocked.TryGetValue((line.Key.Namespace, line.Key.Name, line.Queue.Name), out var blocked)) return 0;
        var moved = blocked.Take(count).ToArray();
        foreach (var place in moved)
        {
            blocked.Remove(place);
            Line(_jobs[place.Seq].Job.Row);
        }
        return moved.Length;
    }

    private void ClaimUnder(FlowPass pass, JobWrite.Claim claim, DateTimeOffset now)
    {
        pass.Open();
        if (_lines.TryGetValue(claim.Queue, out var line))
        {
            while (pass.Left > 0 && line.Count > 0)
            {
                var entry = _jobs[line.Min.Seq];
                if (!JobRules.IsOverdue(entry.Job.Row, now) && !pass.Passes(entry.Job.Row)) continue;
                Take(claim, entry, now);
                if (entry.Job.Row.State == JobState.Running) pass.Took(entry.Job.Row);
            }
        }
        pass.Close();
    }

    private void SetQueue(JobWrite.SetQueue set, DateTimeOffset now)
    {
        var before = _flow.Overrides.GetValueOrDefault(set.Queue) ?? QueueOverrides.None;
        set.Now = set.Setting?.Apply(before) ?? QueueOverrides.None;
        if (set.Now == before) return;
        _history.Add(QueueNote.Of(set.Queue, set.Now), now);
        _flow.Set(set.Queue, set.Now);
    }

    /// <summary>The counts that a move changes. Afterwards the job is in no line, should it have been in one.</summary>
    private void Leave(JobRow was, JobRow next)
    {
        var place = (JobRules.Rank(was), was.Seq);
        var blocked = was is { State: JobState.Queued, LimitKey: { } key }
            && _blocked.TryGetValue((was.Namespace, key, was.Queue), out var line) && line.Remove(place);
        Unline(was);
        CountActive(was, -1);
        CountActive(next, 1);
        _flow.Moved(was, next, blocked);
    }

    private void CountActive(JobRow row, int delta)
    {
        if (row.State.IsActive) _active[row.Queue] = _active.GetValueOrDefault(row.Queue) + delta;
    }

    private DateTimeOffset? OldestWaiting(string queue, Namespace? ns)
    {
        var line = (_lines.GetValueOrDefault(queue) ?? []).Select(place => _jobs[place.Seq].Job.Row);
        var oldest = (ns is null ? line : line.Take(IJobStore.LineLook).Where(row => row.Namespace == ns)).FirstOrDefault()?.LineAt;
        foreach (var (place, blocked) in _blocked)
        {
            if (place.Queue != queue || blocked.Count == 0 || (ns is not null && place.Namespace != ns)) continue;
            var since = _jobs[blocked.Min.Seq].Job.Row.LineAt;
            if (oldest is null || since < oldest) oldest = since;
        }
        return oldest;
    }

    private static int Before(SortedSet<(long Rank, long Seq)>? line, (long Rank, long Seq) place) => line?.Count(other => other.CompareTo(place) < 0) ?? 0;

    private static KeyUse Use(FlowKey key) => new(key.Name, key.Running, key.Queued, key.LastQueue, Copy(key.Starts));

    private static RateWindow Copy(RateWindow? starts) => RateWindow.Read(starts?.Write());
}
