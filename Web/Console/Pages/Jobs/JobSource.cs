using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One job under watch: its row once a second, and the log lines of the attempt under way as they come.</summary>
/// <remarks>Lines reach watchers before they are durable; they are gathered here from the job's events, at most <see cref="MaxLines"/>.</remarks>
internal sealed class JobSource(IJobs jobs, Namespace ns, JobId id, TimeProvider time) : ILiveSource
{
    private const int MaxLines = 1_000;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LogLine> _lines = [];
    private Task? _following;
    private int _attempt;

    public async ValueTask<LiveState> SampleAsync(CancellationToken ct)
    {
        _following ??= FollowAsync();
        var job = await jobs.GetAsync(ns, id, ct);
        if (job is null) return new LiveState { Shape = "gone" };
        return new JobModel(job, new JobHistory([], [], false), time.GetUtcNow(), []).Live(LinesOf(job.Row));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_following is { } following) await following;
        _stop.Dispose();
    }

    private IReadOnlyList<LogLine> LinesOf(JobRow row)
    {
        lock (_lock) return row.State.IsActive && row.Attempt == _attempt ? [.. _lines] : [];
    }

    private async Task FollowAsync()
    {
        try
        {
            await GatherAsync();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (StoreUnavailableException)
        {
            // The row's samples say so; lines come with the page when the attempt has ended.
        }
    }

    private async Task GatherAsync()
    {
        var looked = false;
        await foreach (var told in jobs.FollowAsync(ns, id, null, _stop.Token))
        {
            // Lines of before are looked at when new ones are told of, so that none falls between the two.
            if (!looked && await jobs.HistoryAsync(ns, id, _stop.Token) is { } history)
                foreach (var attempt in history.Attempts) Keep(attempt.Attempt, attempt.Lines);
            looked = true;
            if (told is JobEvent.Log log) Keep(log.Attempt, [log.Line]);
        }
    }

    private void Keep(int attempt, IReadOnlyList<LogLine> lines)
    {
        lock (_lock)
        {
            if (attempt < _attempt) return;
            if (attempt > _attempt) _lines.Clear();
            _attempt = attempt;
            foreach (var line in lines)
                if (_lines.Count < MaxLines && !_lines.Contains(line)) _lines.Add(line);
        }
    }
}
