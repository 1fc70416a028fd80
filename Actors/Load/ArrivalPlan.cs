namespace ActorPerf.Load;

/// <summary>When iterations of an open model are to start: the moments at which the integral of the rate reaches 0, 1, 2, … For one thread at a time.</summary>
internal sealed class ArrivalPlan
{
    private readonly List<Segment> _segments = [];
    private int _segment;
    private double _before;        // arrivals of the segments that are over
    private long _next;            // number of the next arrival

    /// <param name="from">When the plan starts.</param>
    /// <param name="perSecond">The rate at its start.</param>
    /// <param name="stages">Their targets a second.</param>
    public ArrivalPlan(TimeSpan from, double perSecond, IEnumerable<LoadStage> stages)
    {
        var (at, level) = (from, perSecond);
        foreach (var stage in stages)
        {
            _segments.Add(new Segment(at, stage.Duration.TotalSeconds, level, stage.Target));
            (at, level) = (at + stage.Duration, stage.Target);
        }
        // After the last stage its rate stays.
        _segments.Add(new Segment(at, double.PositiveInfinity, level, level));
        End = at;
        Next = Find();
    }

    /// <summary>When the last stage ends.</summary>
    public TimeSpan End { get; }

    /// <summary>When the next iteration is to start; null when none will.</summary>
    public TimeSpan? Next { get; private set; }

    public static ArrivalPlan Of(LoadModel.Open model)
    {
        var unit = model.TimeUnit.TotalSeconds;
        return new ArrivalPlan(TimeSpan.Zero, model.Rate / unit, model.Stages.Select(stage => stage with { Target = stage.Target / unit }));
    }

    /// <summary>Goes on to the next arrival.</summary>
    public void Take()
    {
        _next++;
        Next = Find();
    }

    /// <summary>Iterations a second that the plan has at a moment.</summary>
    public double RateAt(TimeSpan elapsed)
    {
        foreach (var segment in _segments)
            if ((elapsed - segment.Start).TotalSeconds < segment.Seconds) return segment.RateAt((elapsed - segment.Start).TotalSeconds);
        return _segments[^1].To;
    }

    private TimeSpan? Find()
    {
        while (true)
        {
            var segment = _segments[_segment];
            if (segment.Reach(_next - _before) is { } seconds) return segment.Start + TimeSpan.FromSeconds(seconds);
            if (double.IsPositiveInfinity(segment.Seconds)) return null;
            _before += segment.Total;
            _segment++;
        }
    }

    private readonly record struct Segment(TimeSpan Start, double Seconds, double From, double To)
    {
        private const double Rounding = 1e-9;

        public double Total => (From + To) / 2 * Seconds;

        public double RateAt(double seconds) => double.IsPositiveInfinity(Seconds) || Seconds == 0 ? To : From + (To - From) * Math.Max(0, seconds) / Seconds;

        /// <summary>After how many seconds so many have arrived; null when the segment ends before.</summary>
        public double? Reach(double count)
        {
            if (count < 0) count = 0;
            if (double.IsPositiveInfinity(Seconds)) return To > 0 ? count / To : null;
            if (count >= Total - Rounding) return null;
            if (count == 0) return 0;
            // From·t + slope·t²/2 = count, in the form that does not lose digits where the slope is small.
            var slope = (To - From) / Seconds;
            return 2 * count / (From + Math.Sqrt(Math.Max(0, From * From + 2 * slope * count)));
        }
    }
}
