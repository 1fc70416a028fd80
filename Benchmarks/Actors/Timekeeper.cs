using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>Notes how long a message was on its way.</summary>
internal sealed class Timekeeper : ReceiveActor
{
    public Timekeeper(Latencies latencies) => Receive<Departure>(departure => latencies.Add(departure));
}

/// <summary>The same without an actor.</summary>
internal sealed class BareTimekeeper(Latencies latencies) : BareMailbox
{
    protected override void Handle(object message, object? sender) => latencies.Add((Departure)message);
}

/// <summary>When a message was sent.</summary>
internal sealed class Departure(long at)
{
    public long At { get; } = at;
}

/// <summary>The times of one run, filled by one receiver.</summary>
internal sealed class Latencies(int samples)
{
    private readonly double[] _micros = new double[samples];
    private int _count;

    public FinishLine Line { get; } = new(1);

    /// <summary>Microseconds, of the run that has ended.</summary>
    public IReadOnlyList<double> Micros => _micros;

    public void Add(Departure departure)
    {
        _micros[_count++] = Stopwatch.GetElapsedTime(departure.At).TotalMicroseconds;
        if (_count < _micros.Length) return;
        _count = 0;
        Line.Cross();
    }
}
