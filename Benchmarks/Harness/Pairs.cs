using System.Diagnostics;

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

    /// <summary>Work of a fixed size in place of windows: so many pairs of runs, after each side has run for the time of its warm-up.</summary>
    public static async Task<Pairs> RunAsync(Pace pace, int rounds, Func<Task<Measurement>> subject, Func<Task<Measurement>> limit)
    {
        var pairs = new Pairs();
        await WarmAsync(pace, subject);
        await WarmAsync(pace, limit);
        for (var i = 0; i < rounds; i++)
        {
            if (i % 2 == 0) pairs._subject.Add(await subject());
            pairs._limit.Add(await limit());
            if (i % 2 == 1) pairs._subject.Add(await subject());
        }
        return pairs;
    }

    /// <summary>Three figures: the rate, processor time an operation, allocated bytes an operation.</summary>
    /// <param name="name">What the subject is.</param>
    /// <param name="operation">One of what is counted, such as <c>job</c>.</param>
    /// <param name="rate">Promised of the rate.</param>
    /// <param name="ratio">Promised of the rate's ratio.</param>
    /// <param name="cost">Promised of the ratio of processor time, for promises closer than wall clocks on shared cores can tell.</param>
    /// <param name="bytes">Promised of the allocated bytes an operation.</param>
    public IEnumerable<Figure> Figures(string name, string operation, Promise? rate, Promise? ratio, Promise? cost = null, Promise? bytes = null)
    {
        yield return Compare(name, $"{operation}s/s", m => m.PerSecond, costs: false) with { Promised = rate, RatioPromised = ratio };
        yield return Compare($"{name}, processor", $"µs/{operation}", m => m.Cpu, costs: true) with { RatioPromised = cost };
        yield return Compare($"{name}, allocated", $"bytes/{operation}", m => m.Bytes, costs: true) with { Promised = bytes };
    }

    private static async Task WarmAsync(Pace pace, Func<Task<Measurement>> side)
    {
        var started = Stopwatch.GetTimestamp();
        do await side();
        while (Stopwatch.GetElapsedTime(started) < pace.WarmUp);
    }

    private Figure Compare(string name, string unit, Func<Measurement, double> of, bool costs) => new(name, Spread.Of(_subject.Select(of)), unit)
    {
        Limit = Spread.Of(_limit.Select(of)),
        Ratio = Ratio(_subject.Zip(_limit, (s, l) => costs ? of(l) / of(s) : of(s) / of(l))),
    };

    /// <summary>None where one side cost nothing at all.</summary>
    private static Spread? Ratio(IEnumerable<double> ratios)
    {
        var finite = ratios.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? null : Spread.Of(finite);
    }
}
