namespace ActorPerf.Benchmarks.Harness;

/// <summary>Subject and limit measured in turns (A B B A …), so that whatever else the computer does meets both.</summary>
internal sealed class Pairs
{
    private readonly List<Measurement> _subject = [];
    private readonly List<Measurement> _limit = [];

    private Pairs()
    {
    }

    public static async Task<Pairs> RunAsync(Pace pace, Func<TimeSpan, Task<Measurement>> subject, Func<TimeSpan, Task<Measurement>> limit)
    {
        var pairs = new Pairs();
        await subject(pace.WarmUp);
        await limit(pace.WarmUp);
        for (var i = 0; i < pace.Pairs; i++)
        {
            if (i % 2 == 0) pairs._subject.Add(await subject(pace.Window));
            pairs._limit.Add(await limit(pace.Window));
            if (i % 2 == 1) pairs._subject.Add(await subject(pace.Window));
        }
        return pairs;
    }

    /// <summary>Three figures: the rate, processor time an operation, allocated bytes an operation.</summary>
    /// <param name="name">What the subject is.</param>
    /// <param name="operation">One of what is counted, such as <c>job</c>.</param>
    /// <param name="rate">Promised of the rate.</param>
    /// <param name="ratio">Promised of the rate's ratio.</param>
    /// <param name="cost">Promised of the ratio of processor time, for promises closer than wall clocks on shared cores can tell.</param>
    public IEnumerable<Figure> Figures(string name, string operation, Promise? rate, Promise? ratio, Promise? cost = null)
    {
        yield return Compare(name, $"{operation}s/s", m => m.PerSecond, costs: false) with { Promised = rate, RatioPromised = ratio };
        yield return Compare($"{name}, processor", $"µs/{operation}", m => m.Cpu, costs: true) with { RatioPromised = cost };
        yield return Compare($"{name}, allocated", $"bytes/{operation}", m => m.Bytes, costs: true);
    }

    private Figure Compare(string name, string unit, Func<Measurement, double> of, bool costs) => new(name, Spread.Of(_subject.Select(of)), unit)
    {
        Limit = Spread.Of(_limit.Select(of)),
        Ratio = Spread.Of(_subject.Zip(_limit, (s, l) => costs ? of(l) / of(s) : of(s) / of(l))),
    };
}
