using System.Collections.Immutable;

namespace ActorPerf.Load;

/// <summary>Makes rows, history and results of what users have measured. Owned by the run; for one thread at a time.</summary>
internal sealed class LoadFigures(LoadRunContext run)
{
    private const int MaxPoints = 3_600;

    /// <summary>Seconds that current rates are over.</summary>
    private const int Window = 10;

    private readonly Dictionary<(string, string), Queue<(TimeSpan At, long Count, long Failures)>> _recent = [];
    private ImmutableArray<LoadPoint> _history = [];
    private TimeSpan _lastPoint;
    private int _step = 1;
    private int _skipped;
    private LoadEra? _era;

    public ImmutableArray<LoadPoint> History => _history;

    public static string AllName => LoadRow.Nothing.Name;

    /// <summary>A second is over: adds a point to the history, or lets it grow where the run is so long that a point stands for several.</summary>
    /// <param name="target">The target's own side; null where it was not looked at.</param>
    public void NotePoint(TimeSpan at, int users, GeneratorWatch watch, TargetQueues? target)
    {
        if (++_skipped < _step || at <= _lastPoint) return;
        _skipped = 0;
        var second = run.Book.TakeSecond();
        var seconds = (at - _lastPoint).TotalSeconds;
        _lastPoint = at;
        var service = second.Requests.Service.Percentiles([50, 95]);
        var response = second.Requests.Response.Percentiles([50, 95, 99]);
        _history = _history.Add(new LoadPoint(at, users, run.Book.Busy, second.Requests.Counted / seconds, second.Requests.Failures / seconds, second.Dropped / seconds)
        {
            ServiceMedian = service[0],
            ServiceP95 = service[1],
            ResponseMedian = response[0],
            ResponseP95 = response[1],
            ResponseP99 = response[2],
            JobsPerSecond = second.Jobs.Counted / seconds,
            JobP95 = second.Jobs.Service.Percentile(95),
            Cpu = watch.Cpu,
            TimerLateness = run.Book.TimerLateness.Percentile(50),
            Target = target,
        });
        if (_history.Length < MaxPoints) return;
        _history = [.. _history.Where(static (_, i) => i % 2 == 1)];
        _step *= 2;
    }

    /// <summary>Rows, in order of their names, and what they add up to.</summary>
    /// <param name="users">The most there were.</param>
    public (IReadOnlyList<LoadRow> Rows, LoadRow Total, IReadOnlyList<LoadRow> Jobs, ThresholdFigures Figures) Read(LoadEra era, TimeSpan at, TimeSpan measured, int users, long interrupted)
    {
        if (!ReferenceEquals(era, _era))
        {
            _recent.Clear();
            _era = era;
        }
        var (total, jobs) = (Sum(era.Requests.Values), Sum(era.Jobs.Values));
        var rows = Requests(era).Select(row => Row(row.Key.Method, row.Key.Name, row.Value, "requests", at, measured)).ToList();
        var jobRows = Jobs(era).Select(row => Row("", row.Key, row.Value, "jobs", at, measured)).ToList();
        if (jobRows.Count > 0) jobRows.Add(Row("", AllName, jobs, "all jobs", at, measured));
        return (rows, Row("", AllName, total, "all", at, measured), jobRows, new ThresholdFigures(era, total, jobs, measured, users, interrupted));
    }

    /// <summary>The histograms behind the rows of <see cref="Read"/>.</summary>
    public static (IReadOnlyList<LoadSeries> Series, IReadOnlyList<LoadSeries> Jobs) Series(LoadEra era)
    {
        var (total, jobs) = (Sum(era.Requests.Values), Sum(era.Jobs.Values));
        List<LoadSeries> series = [.. Requests(era).Select(static row => new LoadSeries(row.Key.Method, row.Key.Name, row.Value.Service.Copy(), row.Value.Response.Copy()))];
        series.Add(new LoadSeries("", AllName, total.Service, total.Response));
        List<LoadSeries> ofJobs = [.. Jobs(era).Select(static row => new LoadSeries("", row.Key, row.Value.Service.Copy(), row.Value.Response.Copy()))];
        if (ofJobs.Count > 0) ofJobs.Add(new LoadSeries("", AllName, jobs.Service, jobs.Response));
        return (series, ofJobs);
    }

    public static IReadOnlyList<LoadFailure> Failures(IEnumerable<KeyValuePair<(string Method, string Name, string Error), FailureMeter>> failures) =>
        [.. failures.Select(static failure => new LoadFailure(failure.Key.Method, failure.Key.Name, failure.Key.Error, failure.Value.Counted, failure.Value.FirstAt, failure.Value.LastAt))
            .OrderByDescending(static failure => failure.Count).ThenBy(static failure => failure.Name, StringComparer.Ordinal).ThenBy(static failure => failure.Error, StringComparer.Ordinal)];

    /// <param name="present">How many there have been of each kind of user.</param>
    public IReadOnlyList<LoadShare> Shares(LoadEra era, IReadOnlyList<int> present)
    {
        var shares = new List<LoadShare>();
        double all = Math.Max(1, era.Tasks.Sum(static tasks => tasks.Sum()));
        double people = Math.Max(1, present.Sum());
        for (var kind = 0; kind < run.Users.Count; kind++)
        {
            var user = run.Users[kind];
            double weights = run.Plan.EqualWeights ? user.Tasks.Count : user.Tasks.Sum(static task => task.Weight);
            for (var task = 0; task < user.Tasks.Count; task++)
            {
                var weight = run.Plan.EqualWeights ? 1 : user.Tasks[task].Weight;
                shares.Add(new LoadShare(user.Name, user.Tasks[task].Name, present[kind] / people * weight / weights, era.Tasks[kind][task] / all, era.Tasks[kind][task]));
            }
        }
        return shares;
    }

    private static IEnumerable<KeyValuePair<(string Method, string Name), SeriesMeter>> Requests(LoadEra era) =>
        era.Requests.OrderBy(static row => row.Key.Name, StringComparer.Ordinal).ThenBy(static row => row.Key.Method, StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, SeriesMeter>> Jobs(LoadEra era) => era.Jobs.OrderBy(static row => row.Key, StringComparer.Ordinal);

    private static SeriesMeter Sum(IEnumerable<SeriesMeter> meters)
    {
        var all = new SeriesMeter();
        foreach (var meter in meters) all.Add(meter);
        return all;
    }

    private LoadRow Row(string method, string name, SeriesMeter meter, string group, TimeSpan at, TimeSpan measured)
    {
        var (count, failures, seconds) = (meter.Counted, meter.Failures, measured.TotalSeconds);
        var (current, currentFailures) = Current((group + method, name), at, count, failures);
        return new LoadRow(method, name)
        {
            Count = count,
            Failures = failures,
            Service = LoadTimes.Of(meter.Service),
            Response = LoadTimes.Of(meter.Response),
            AverageSize = count > 0 ? (double)meter.Bytes / count : 0,
            PerSecond = seconds > 0 ? count / seconds : 0,
            FailuresPerSecond = seconds > 0 ? failures / seconds : 0,
            CurrentPerSecond = current,
            CurrentFailuresPerSecond = currentFailures,
        };
    }

    private (double Count, double Failures) Current((string, string) row, TimeSpan at, long count, long failures)
    {
        if (!_recent.TryGetValue(row, out var recent)) _recent.Add(row, recent = new());
        recent.Enqueue((at, count, failures));
        while (recent.Count > Window + 1) recent.Dequeue();
        var first = recent.Peek();
        var seconds = (at - first.At).TotalSeconds;
        return seconds <= 0 ? (0, 0) : ((count - first.Count) / seconds, (failures - first.Failures) / seconds);
    }
}
