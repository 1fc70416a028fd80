namespace ActorPerf.Load;

/// <summary>How many users there are to be at each moment of a closed model. Pure and immutable.</summary>
/// <remarks>A straight line is followed in whole users: rising, a user comes when the line reaches it; falling, one goes when the line has left it.</remarks>
internal sealed class UserPlan
{
    private readonly List<Segment> _segments = [];

    /// <param name="first">Users at the start.</param>
    /// <param name="from">When the stages start.</param>
    public UserPlan(double first, TimeSpan from, IEnumerable<LoadStage> stages)
    {
        var (at, level) = (from, first);
        foreach (var stage in stages)
        {
            _segments.Add(new Segment(at, stage.Duration, level, stage.Target));
            (at, level) = (at + stage.Duration, stage.Target);
        }
        (End, Last) = (at, level);
    }

    /// <summary>When the last stage ends; the number stays from there.</summary>
    public TimeSpan End { get; }

    private double Last { get; }

    /// <summary>The plan of a model: a number reached at a spawn rate, the first user at once, or stages.</summary>
    public static UserPlan Of(LoadModel.Closed model) => model.Stages.Count > 0
        ? new UserPlan(model.Users, TimeSpan.Zero, model.Stages)
        : To(1, model.Users, model.SpawnRate, TimeSpan.Zero);

    /// <summary>From a number to another at a rate.</summary>
    public static UserPlan To(int present, int users, double perSecond, TimeSpan from) =>
        new(present, from, [new LoadStage(TimeSpan.FromSeconds(Math.Abs(users - present) / perSecond), users)]);

    public int At(TimeSpan elapsed)
    {
        foreach (var segment in _segments)
            if (elapsed < segment.Start + segment.Duration) return segment.At(elapsed);
        return (int)Math.Round(Last);
    }

    /// <summary>The next moment at which the number differs; null when it stays.</summary>
    public TimeSpan? NextChange(TimeSpan elapsed)
    {
        var now = At(elapsed);
        foreach (var segment in _segments)
        {
            if (elapsed >= segment.Start + segment.Duration) continue;
            if (segment.Leaves(now, elapsed) is { } at) return at;
        }
        return null;
    }

    private readonly record struct Segment(TimeSpan Start, TimeSpan Duration, double From, double To)
    {
        /// <summary>Forgives the binary fraction of a line that reaches a whole number.</summary>
        private const double Rounding = 1e-9;

        public int At(TimeSpan elapsed)
        {
            var line = From + (To - From) * Math.Clamp((elapsed - Start) / Duration, 0, 1);
            return (int)(To >= From ? Math.Floor(line + Rounding) : Math.Ceiling(line - Rounding));
        }

        /// <summary>When, after a moment, the number is another than it was then.</summary>
        public TimeSpan? Leaves(int number, TimeSpan after)
        {
            var begin = after > Start ? after : Start;
            if (At(begin) != number && begin > after) return begin;
            // Rising, the next whole number is reached; falling, the present one less one is.
            var next = To >= From ? At(begin) + 1 : At(begin) - 1;
            if (To >= From ? next > To + Rounding : next < To - Rounding) return null;
            // Rounded up to a tick, so that the number has changed when the moment is there.
            var at = Start + new TimeSpan((long)Math.Ceiling(Duration.Ticks * (next - From) / (To - From) - Rounding));
            return at > after ? at : after + new TimeSpan(1);
        }
    }
}
