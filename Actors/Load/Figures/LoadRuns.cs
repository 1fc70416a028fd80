namespace ActorPerf.Load.Figures;

/// <summary>The node's load tests with their reports: starts runs, records them to their end, keeps what they tell, and finds it again.</summary>
/// <remarks>What the API and the console ask. Runs of the command line are found among the reports where both share the folder.</remarks>
public sealed class LoadRuns(ILoadTests tests, ILoadReports reports, LoadOptions options, LoadRunsOf of, ILogger<LoadRuns> log) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task _recording = Task.CompletedTask;

    public ILoadTests Tests => tests;

    /// <summary>As <see cref="ILoadTests.StartAsync"/>; what was started is recorded and kept.</summary>
    /// <param name="origin">How it was started, for the report: <c>console</c>, <c>POST /api/v1/load/runs</c>.</param>
    public async ValueTask<LoadOutcome> StartAsync(LoadPlan plan, string origin, CancellationToken ct)
    {
        var outcome = await tests.StartAsync(plan, ct);
        if (outcome is LoadOutcome.Done { Run: var run })
        {
            var recording = RecordAsync(run, origin);
            lock (_lock) _recording = _recording.IsCompleted ? recording : Task.WhenAll(_recording, recording);
        }

        return outcome;
    }

    /// <summary>A line for each run that goes on, is remembered or kept, the latest first.</summary>
    public async ValueTask<IReadOnlyList<LoadLine>> ListAsync(CancellationToken ct)
    {
        var kept = await reports.ListAsync(ct);
        var lines = tests.Runs.Select(LoadLine.Of).ToList();
        var known = lines.Select(static line => line.Id).ToHashSet();
        lines.AddRange(kept.Where(line => !known.Contains(line.Id)));
        lines.Sort(static (left, right) => right.StartedAt.CompareTo(left.StartedAt));
        return lines;
    }

    /// <summary>How a run stands, or stood at its end; null where it is neither remembered nor kept.</summary>
    public async ValueTask<LoadProgress?> ProgressAsync(Guid id, CancellationToken ct) => tests.Find(id) ?? (await reports.FindAsync(id, ct))?.Run;

    /// <summary>The report of a run; of one that goes on what there is so far, without histograms. Null where there is none.</summary>
    public async ValueTask<LoadReport?> ReportAsync(Guid id, CancellationToken ct)
    {
        if (tests.Find(id) is { IsFinal: false } progress) return new LoadReport { Run = progress, Surroundings = Surroundings("") };
        if (await reports.FindAsync(id, ct) is { } kept) return kept;
        return tests.Result(id) is { } result ? LoadReport.Of(result, [], Surroundings("")) : null;
    }

    /// <summary>Waits until the reports of the runs that have ended are kept.</summary>
    public Task RecordedAsync()
    {
        lock (_lock) return _recording;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await RecordedAsync();
        _stop.Dispose();
    }

    private async Task RecordAsync(LoadProgress run, string origin)
    {
        try
        {
            var report = await new LoadRecorder(tests, Surroundings(origin)).FollowAsync(run.Id, seen: null, _stop.Token);
            if (report is null) return;
            log.RunEnded(run.Id, run.Plan.Scenario, run.Plan.Host, report.Verdict, report.Run.Total.Count, report.Run.Total.Failures);
            await reports.KeepAsync(report, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops; a run that goes on ends with it and leaves no report.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            log.ReportNotKept(fault, run.Id, options.Directory);
        }
    }

    private LoadSurroundings Surroundings(string origin) => LoadSurroundings.OfThisProcess(origin, of.Version);
}

/// <summary>Whose runs they are.</summary>
/// <param name="Version">Of the program.</param>
public sealed record LoadRunsOf(string Version);
