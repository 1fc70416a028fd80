namespace ActorPerf.Load.Figures;

/// <summary>Follows one run to its end, notes the figures of each second on the way, and makes the report.</summary>
/// <param name="everyName">Each moment holds a row for each name, as Locust's full history does; else the aggregated one alone.</param>
public sealed class LoadRecorder(ILoadTests tests, LoadSurroundings surroundings, bool everyName = false)
{
    /// <summary>Moments that are kept: a second each in runs of up to an hour; in longer ones every other is dropped as often as it takes.</summary>
    public const int MaxMoments = 3_600;

    /// <summary>With names: so many rows in all.</summary>
    private const int MaxRows = 100_000;

    private readonly List<LoadMoment> _moments = [];
    private int _step = 1;
    private int _seen;

    /// <summary>Waits for the end of a run.</summary>
    /// <param name="seen">Told of each progress as it comes, the last one too.</param>
    /// <returns>Null where the run is not remembered.</returns>
    public async Task<LoadReport?> FollowAsync(Guid id, Action<LoadProgress>? seen, CancellationToken ct)
    {
        await foreach (var progress in tests.FollowAsync(id, ct))
        {
            Note(progress);
            seen?.Invoke(progress);
        }

        return tests.Result(id) is { } result ? LoadReport.Of(result, _moments, surroundings) : null;
    }

    /// <summary>The rows that Locust's history would have for a progress.</summary>
    public LoadMoment MomentOf(LoadProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return new LoadMoment(progress.StartedAt + progress.Elapsed, progress.Users, everyName ? [.. progress.Requests, progress.Total] : [progress.Total]);
    }

    private void Note(LoadProgress progress)
    {
        if (_seen++ % _step != 0 && !progress.IsFinal) return;
        _moments.Add(MomentOf(progress));
        while (_moments.Count > MaxMoments || (_moments.Count > 2 && _moments.Count * _moments[^1].Rows.Count > MaxRows)) Thin();
    }

    private void Thin()
    {
        _step *= 2;
        var kept = _moments.Where((_, i) => i % 2 == 0 || i == _moments.Count - 1).ToList();
        _moments.Clear();
        _moments.AddRange(kept);
    }
}
