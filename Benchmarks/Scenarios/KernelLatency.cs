using System.Diagnostics;
using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long a message is on its way to an actor that has nothing to do. A thread has to be woken for it.</summary>
internal sealed class KernelLatency : IScenario
{
    private const int Samples = 1_500, Runs = 11;
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(1);

    public string Name => "kernel-latency";

    public string Promises => "one tell a millisecond to an idle actor: p99 at most 1.5 times the bare mailbox's";

    public async Task RunAsync(Pace pace, Report report)
    {
        var samples = pace.Scale(Samples);
        using var system = ActorSystem.Create("latency");
        var latencies = new Latencies(samples);
        var actor = system.ActorOf(Props.Create(() => new Timekeeper(latencies)));
        var bare = new BareTimekeeper(latencies);
        var (subject, limit) = (new List<double[]>(), new List<double[]>());
        await SubjectAsync();
        await LimitAsync();
        for (var i = 0; i < (pace.IsShort ? pace.Pairs : Runs); i++)
        {
            if (i % 2 == 0) subject.Add(await SubjectAsync());
            limit.Add(await LimitAsync());
            if (i % 2 == 1) subject.Add(await SubjectAsync());
        }
        report.Add(Compare("p50", 50, null));
        report.Add(Compare("p99", 99, new Promise.AtLeast(1 / 1.5)));
        await system.Terminate();

        Task<double[]> SubjectAsync() => SampleAsync(latencies, samples, departure => actor.Tell(departure, ActorRefs.NoSender));
        Task<double[]> LimitAsync() => SampleAsync(latencies, samples, departure => bare.Post(departure, null));

        Figure Compare(string name, double percent, Promise? promise) => new(name, Percentiles(subject, percent), "µs")
        {
            Limit = Percentiles(limit, percent),
            Ratio = Spread.Of(subject.Zip(limit, (s, l) => Spread.Percentile(l, percent) / Spread.Percentile(s, percent))),
            RatioPromised = promise,
        };
    }

    private static Spread Percentiles(List<double[]> runs, double percent) => Spread.Of(runs.Select(run => Spread.Percentile(run, percent)));

    private static async Task<double[]> SampleAsync(Latencies latencies, int samples, Action<Departure> send)
    {
        Stretch.Collect();
        var done = latencies.Line.Start();
        await Stretch.OnThreadsAsync(1, _ =>
        {
            for (var i = 0; i < samples; i++)
            {
                Thread.Sleep(Gap);
                send(new Departure(Stopwatch.GetTimestamp()));
            }
        });
        await done;
        return [.. latencies.Micros];
    }
}
