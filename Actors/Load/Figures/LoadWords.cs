using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Load.Figures;

/// <summary>How figures of load tests are written for people, the same on every page and in every table.</summary>
public static class LoadWords
{
    /// <summary>How much load a model makes.</summary>
    public static string Amount(LoadModel model) => model switch
    {
        LoadModel.Closed { Stages.Count: > 0 } ramp => Invariant($"{Number(Math.Max(ramp.Users, ramp.Stages.Max(static stage => stage.Target)))} users at most"),
        LoadModel.Closed closed => closed.Users == 1 ? "1 user" : $"{Number(closed.Users)} users",
        LoadModel.Open { Stages.Count: > 0 } ramp => $"{Per(Math.Max(ramp.Rate, ramp.Stages.Max(static stage => stage.Target)), ramp.TimeUnit)} at most",
        LoadModel.Open open => Per(open.Rate, open.TimeUnit),
        _ => "",
    };

    /// <summary>The model in a sentence, for whoever is about to start it or reads what was started.</summary>
    public static string Sentence(LoadModel model) => model switch
    {
        LoadModel.Closed { Stages.Count: > 0 } ramp => $"Users from {Number(ramp.Users)} through {Stages(ramp.Stages)}; each waits for its answers.",
        LoadModel.Closed { IterationsPerUser: { } each } few => $"{Amount(few)}, {Number(each)} iterations each.",
        LoadModel.Closed { Iterations: { } all } few => $"{Amount(few)}, {Number(all)} iterations together.",
        LoadModel.Closed closed => $"{Amount(closed)}, {Number(closed.SpawnRate)} more a second until they are all there; each waits for its answers.",
        LoadModel.Open { Stages.Count: > 0 } ramp => $"Iterations from {Per(ramp.Rate, ramp.TimeUnit)} through {Stages(ramp.Stages)}, started by the plan whether answered or not.",
        LoadModel.Open open => $"{Per(open.Rate, open.TimeUnit)} iterations, started by the plan whether answered or not; at most {Number(open.MaxUsers)} users.",
        _ => "",
    };

    /// <summary>Milliseconds with as many digits as mean something: <c>0.41</c>, <c>7.3</c>, <c>128</c>, <c>12,340</c>.</summary>
    public static string Milliseconds(TimeSpan time) => time.TotalMilliseconds switch
    {
        0 => "0",
        < 10 and var few => few.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 and var some => some.ToString("0.#", CultureInfo.InvariantCulture),
        var many => many.ToString("N0", CultureInfo.InvariantCulture),
    };

    /// <summary>At most three digits after a point where the number is small, none where it is large.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => (share * 100).ToString(share is > 0 and < 0.1 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Bytes with a unit.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < 1024 => bytes.ToString("0", CultureInfo.InvariantCulture) + " B",
        < 1048576 => (bytes / 1024).ToString("0.#", CultureInfo.InvariantCulture) + " KiB",
        _ => (bytes / 1048576).ToString("0.#", CultureInfo.InvariantCulture) + " MiB",
    };

    /// <summary>A long time, in whole seconds where it is half of one or more.</summary>
    public static string Long(TimeSpan time) => Durations.Format(time < TimeSpan.FromSeconds(0.5)
        ? TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds))
        : TimeSpan.FromSeconds(Math.Round(time.TotalSeconds, MidpointRounding.AwayFromZero)));

    /// <summary>Header of a percentile: <c>50%</c>, <c>99.9%</c>.</summary>
    public static string Percentile(double percent) => percent.ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static string Per(double rate, TimeSpan unit) => unit == TimeSpan.FromSeconds(1) ? $"{Number(rate)}/s" : $"{Number(rate)} in {Durations.Format(unit)}";

    private static string Stages(IReadOnlyList<LoadStage> stages) => string.Join(", ", stages.Select(static stage => $"{Number(stage.Target)} in {Durations.Format(stage.Duration)}"));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
