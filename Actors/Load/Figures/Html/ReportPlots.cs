using System.Globalization;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Load.Figures.Html;

/// <summary>Which plots a report has, and from which figures.</summary>
internal static class ReportPlots
{
    /// <summary>What happened over the time of the run.</summary>
    public static IEnumerable<PlotModel> OverTime(LoadProgress run)
    {
        var history = run.History;
        yield return Timed("Requests and failures a second", LoadWords.Number, filled: true,
            Line("requests", "a", static point => point.RequestsPerSecond), Line("failures", "bad", static point => point.FailuresPerSecond));
        var open = run.Plan.Model is LoadModel.Open;
        PlotLine[] latency = open
            ? [Latency("response p50", "b", static point => point.ResponseMedian), Latency("response p95", "a", static point => point.ResponseP95),
               Latency("response p99", "e", static point => point.ResponseP99), Latency("service p95", "c", static point => point.ServiceP95)]
            : [Latency("p50", "b", static point => point.ServiceMedian), Latency("p95", "a", static point => point.ServiceP95)];
        yield return Timed("Response times", Milliseconds, filled: false, latency);
        yield return Timed("Users and requests in flight", LoadWords.Number, filled: true, Line("users", "c", static point => point.Users), Line("busy", "a", static point => point.Busy));
        if (run.DroppedIterations > 0)
            yield return Timed("Iterations dropped a second", LoadWords.Number, filled: true, Line("dropped", "bad", static point => point.DroppedPerSecond));
        if (run.Jobs.Count > 0)
        {
            yield return Timed("Jobs that ended, a second", LoadWords.Number, filled: true, Line("jobs", "d", static point => point.JobsPerSecond));
            yield return Timed("Jobs from acceptance to end, p95", Milliseconds, filled: false, Latency("p95", "d", static point => point.JobP95));
        }

        if (history.Any(static point => point.Target is not null))
        {
            yield return Timed("Target: jobs waiting and running", LoadWords.Number, filled: true,
                Target("waiting", "a", static target => target.Waiting), Target("running", "d", static target => target.Running));
            yield return Timed("Target: compute actors, busy of all", LoadWords.Number, filled: true,
                Target("busy", "a", static target => target.Busy), Target("all", "c", static target => target.Routees));
        }

        yield return Timed("Generator: processor cores in use", LoadWords.Number, filled: true, Line("cores", "e", static point => point.Cpu));
        yield return Timed("Generator: lateness of its timers", Milliseconds, filled: false, Latency("median", "e", static point => point.TimerLateness));

        PlotModel Timed(string title, Func<double, string> write, bool filled, params PlotLine[] lines) =>
            new(title, lines, Clock, write) { Filled = filled, CountsFrom = run.Plan.WarmUp.TotalSeconds, FromX = 0 };
        PlotLine Line(string name, string tone, Func<LoadPoint, double> value) => new(name, tone, [.. history.Select(point => (point.At.TotalSeconds, value(point)))]);
        PlotLine Target(string name, string tone, Func<TargetQueues, double> value) =>
            new(name, tone, [.. history.Where(static point => point.Target is not null).Select(point => (point.At.TotalSeconds, point.Target is { } target ? value(target) : 0))]);
        PlotLine Latency(string name, string tone, Func<LoadPoint, TimeSpan> value) => Line(name, tone, point => value(point).TotalMilliseconds);
    }

    /// <summary>Latency over how rare it is: each step to the right is ten times rarer. A tail shows where averages hide it.</summary>
    public static PlotModel Percentiles(LoadReport report)
    {
        var all = report.SeriesOf(report.Run.Total);
        var lines = new List<PlotLine>();
        if (all is not null) lines.Add(report.Run.Plan.Model is LoadModel.Open ? Spectrum("response time, from the planned start", "a", all.Response) : Spectrum("response time, from sending", "a", all.Service));
        if (all is not null && report.Run.Plan.Model is LoadModel.Open) lines.Add(Spectrum("service time, from sending", "c", all.Service));
        if (report.Jobs is [.., var jobs]) lines.Add(Spectrum("jobs, end to end", "d", jobs.Service));
        var rarest = lines.SelectMany(static line => line.Points).Select(static point => point.X).DefaultIfEmpty(1).Max();
        return new PlotModel("Response times by percentile", lines, Share, Milliseconds)
        {
            TicksX = [.. Enumerable.Range(0, Math.Max(2, (int)Math.Ceiling(rarest) + 1)).Select(static i => (double)i)],
            Wide = true,
            Note = "Each step to the right is ten times rarer.",
        };
    }

    private static PlotLine Spectrum(string name, string tone, LatencyHistogram histogram)
    {
        var points = PercentileLog.Points(histogram);
        // The longest has no place on an axis of nines: it stands where the rarest measurable share is.
        return new PlotLine(name, tone, [.. points.Select(point => (point.Share < 1 ? -Math.Log10(1 - point.Share) : Math.Log10(Math.Max(1, histogram.Count)), point.Latency.TotalMilliseconds))]);
    }

    private static string Share(double nines) => nines switch
    {
        0 => "0%",
        _ => ((1 - Math.Pow(10, -nines)) * 100).ToString("0.######", CultureInfo.InvariantCulture) + "%",
    };

    private static string Clock(double seconds) => Durations.Format(TimeSpan.FromSeconds(Math.Round(seconds, 1)));

    private static string Milliseconds(double value) => value switch
    {
        >= 10_000 => (value / 1000).ToString("N0", CultureInfo.InvariantCulture) + " s",
        >= 1_000 => (value / 1000).ToString("0.##", CultureInfo.InvariantCulture) + " s",
        _ => LoadWords.Number(value) + " ms",
    };
}
