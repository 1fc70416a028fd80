using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Schedules in memory: gone with the process.</summary>
internal sealed class MemoryScheduleStore : IScheduleStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Namespace, string), (ScheduleRow Row, List<ScheduleTick> History)> _rows = [];

    public ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct)
    {
        lock (_gate) return new([.. _rows.Values.Select(kept => kept.Row)]);
    }

    public ValueTask PutAsync(ScheduleRow row, CancellationToken ct)
    {
        lock (_gate)
        {
            var (was, history) = _rows.TryGetValue((row.Namespace, row.Name), out var kept) ? kept : (null, []);
            var cursor = was is not null && was.Shape == row.Shape && was.Cursor > row.Cursor ? was.Cursor : row.Cursor;
            _rows[(row.Namespace, row.Name)] = (row with { Cursor = cursor, LastJob = was?.LastJob, Ticks = was?.Ticks ?? 0, Last = was?.Last, CreatedAt = was?.CreatedAt ?? row.CreatedAt }, history);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (_gate) _rows.Remove((ns, name));
        return ValueTask.CompletedTask;
    }

    public ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var step in steps)
            {
                if (!_rows.TryGetValue((step.Namespace, step.Name), out var kept)) continue;
                kept.History.AddRange(step.Ticks);
                kept.History.RemoveRange(0, Math.Max(0, kept.History.Count - IScheduleStore.HistoryLength));
                _rows[(step.Namespace, step.Name)] = (kept.Row with
                {
                    Cursor = step.Cursor > kept.Row.Cursor ? step.Cursor : kept.Row.Cursor,
                    LastJob = step.LastJob ?? kept.Row.LastJob,
                    Ticks = kept.Row.Ticks + step.Ticks.Count,
                    Last = kept.History.Count > 0 ? kept.History[^1] : null,
                }, kept.History);
            }
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct)
    {
        lock (_gate) return new(_rows.TryGetValue((ns, name), out var kept) ? [.. Enumerable.Reverse(kept.History)] : []);
    }
}
