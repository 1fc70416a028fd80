using System.Globalization;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Console.Pages;

/// <summary>When jobs of a list were submitted, and which of them went wrong. Pure.</summary>
/// <param name="From">Where the first bar begins.</param>
/// <param name="Width">Of one bar.</param>
/// <param name="Bars">In order of time, without gaps.</param>
/// <param name="Complete">Of all jobs that match; else of the newest.</param>
public sealed record JobHistogram(DateTimeOffset From, TimeSpan Width, IReadOnlyList<JobBar> Bars, bool Complete)
{
    private const int MostBars = 60;

    private static readonly int[] Widths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

    /// <summary>Null where fewer than two jobs leave nothing to see.</summary>
    internal static JobHistogram? Of(JobSample sample, DateTimeOffset now)
    {
        if (sample.Rows.Count < 2) return null;
        var oldest = sample.Rows.Min(row => row.CreatedAt);
        var newest = sample.Rows.Max(row => row.CreatedAt);
        var end = newest > now ? newest : now;
        // Bars up to now say how long ago it was; where that leaves but one bar, the jobs' own time is shown.
        if ((newest - oldest) * MostBars < end - oldest) end = newest;
        var seconds = Widths.FirstOrDefault(width => (end - oldest).TotalSeconds / width < MostBars, (int)Math.Ceiling((end - oldest).TotalSeconds / MostBars));
        var ticks = seconds * TimeSpan.TicksPerSecond;
        var from = new DateTimeOffset(oldest.UtcTicks / ticks * ticks, TimeSpan.Zero);
        var bars = new JobBar[((end.UtcTicks - from.UtcTicks) / ticks) + 1];
        foreach (var row in sample.Rows)
        {
            ref var bar = ref bars[(row.CreatedAt.UtcTicks - from.UtcTicks) / ticks];
            bar = row.State is JobState.Failed or JobState.Expired ? bar with { Failed = bar.Failed + 1 } : bar with { Others = bar.Others + 1 };
        }
        return new JobHistogram(from, TimeSpan.FromTicks(ticks), bars, sample.Complete);
    }

    public DateTimeOffset Start(int bar) => From + (Width * bar);

    public DateTimeOffset End => Start(Bars.Count);

    public long Highest => Bars.Max(bar => bar.Total);

    /// <summary>The search of the jobs of one bar.</summary>
    public string Within(int bar) => $"created>={Moment(Start(bar))} created<{Moment(Start(bar + 1))}";

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Jobs submitted within one bar's time.</summary>
/// <param name="Failed">Failed or expired.</param>
public readonly record struct JobBar(long Others, long Failed)
{
    public long Total => Others + Failed;
}
