using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Tests.Jobs.Search;

/// <summary>Filters made up from a seed, out of few names and values, so that they meet jobs made up the same way.</summary>
internal sealed class RandomFilter(Random random)
{
    private static readonly string[] Texts = ["a", "ab", "b c", "", "x\"y", "back\\slash", "star*", "(p)", "ü", "42", "1e2", "or", "-a", "ü\U0001F600", "timed out"];
    private static readonly string[] Paths = ["n", "customer.id", "tags", "deep.er.still"];
    private static readonly TimeSpan[] Spans = [TimeSpan.Zero, TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1.5), TimeSpan.FromMicroseconds(7)];

    public JobFilter Next(int depth) => random.Next(depth > 0 ? 10 : 7) switch
    {
        7 => JobFilter.All(Parts(depth)),
        8 => JobFilter.Any(Parts(depth)),
        9 => new JobFilter.Not(Next(depth - 1)),
        _ => Atom(),
    };

    private List<JobFilter> Parts(int depth)
    {
        var parts = new List<JobFilter>();
        for (var left = random.Next(2, 4); left > 0; left--) parts.Add(Next(depth - 1));
        return parts;
    }

    private JobFilter Atom() => random.Next(10) switch
    {
        0 => new JobFilter.InState(One(JobStates.All)),
        1 => new JobFilter.Error(One(Texts)),
        2 => new JobFilter.Argument(One(Paths), One(Texts), random.Next(3) == 0),
        3 => new JobFilter.Number(One(Enum.GetValues<NumberField>()), One(Enum.GetValues<Comparison>()), random.Next(0, 10)),
        4 => new JobFilter.Span(One(Enum.GetValues<SpanField>()), Order(), One(Spans)),
        5 => new JobFilter.Ago(One(Enum.GetValues<TimeField>()), Order(), One(Spans)),
        6 => new JobFilter.Moment(One(Enum.GetValues<TimeField>()), Order(), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(random.Next(0, 4) * 10_123_450L)),
        7 => new JobFilter.HasParent(new JobId(new Guid($"01990000-0000-7000-8000-00000000000{random.Next(4)}"))),
        _ => new JobFilter.Named(One(Enum.GetValues<NameField>()), One(Texts), random.Next(3) == 0),
    };

    private Comparison Order() => One((Comparison[])[Comparison.Less, Comparison.AtMost, Comparison.AtLeast, Comparison.More]);

    private T One<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
