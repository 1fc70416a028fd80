using System.Text.Json;

namespace ActorPerf.Load.Figures;

/// <summary>All that a finished run tells: what was run and by whom, its verdict, its figures and the histograms behind them. Immutable but for the histograms, which nobody changes.</summary>
/// <remarks>Every page and file is made from this alone: <see cref="LocustCsv"/>, <see cref="PercentileLog"/>, <see cref="HtmlReport"/>, and JSON, which is
/// also how it is kept (docs/formats/load-report.md).</remarks>
public sealed record LoadReport
{
    /// <summary>How the run stood at its end.</summary>
    public required LoadProgress Run { get; init; }

    /// <summary>One for each row of <see cref="LoadProgress.Requests"/>, in its order, and then one for all.</summary>
    public IReadOnlyList<LoadSeries> Series { get; init; } = [];

    /// <summary>One for each row of <see cref="LoadProgress.Jobs"/>, in its order.</summary>
    public IReadOnlyList<LoadSeries> Jobs { get; init; } = [];

    /// <summary>Figures as they stood each second, for Locust's history file; of runs longer than an hour every second, third … of them.</summary>
    public IReadOnlyList<LoadMoment> Moments { get; init; } = [];

    public LoadSurroundings Surroundings { get; init; } = new();

    public LoadVerdict Verdict => LoadVerdicts.Of(Run);

    /// <summary>The series that a row stands for; null where the run kept none.</summary>
    public LoadSeries? SeriesOf(LoadRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Series.FirstOrDefault(series => series.Name == row.Name && series.Method == row.Method);
    }

    public static LoadReport Of(LoadResult result, IReadOnlyList<LoadMoment> moments, LoadSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new LoadReport { Run = result.Final, Series = result.Series, Jobs = result.Jobs, Moments = moments, Surroundings = surroundings };
    }

    /// <summary>UTF-8 JSON; <see cref="Read"/> makes an equal report of it.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, LoadJson.Default.LoadReport);

    /// <exception cref="JsonException">It is no report, or one of another format.</exception>
    public static LoadReport Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, LoadJson.Default.LoadReport) ?? throw new JsonException("The report is null.");
}

/// <summary>The figures of one moment of a run, as Locust's history file has them.</summary>
/// <param name="Rows">The aggregated row last; before it one for each name, where the full history was asked for.</param>
public sealed record LoadMoment(DateTimeOffset At, int Users, IReadOnlyList<LoadRow> Rows);

/// <summary>Where a run was made, for whoever reads its report later.</summary>
public sealed record LoadSurroundings
{
    /// <summary>How it was started, as one would type it; "" where it was not typed. Holds no key.</summary>
    public string Command { get; init; } = "";

    /// <summary>Version of the program that made the load.</summary>
    public string Version { get; init; } = "";

    /// <summary>What the target says of itself (its <c>Server</c> header or version); "" where it says nothing.</summary>
    public string Target { get; init; } = "";

    public string Machine { get; init; } = "";

    public string System { get; init; } = "";

    public string Runtime { get; init; } = "";

    public int Cores { get; init; }

    /// <summary>Those of this process.</summary>
    public static LoadSurroundings OfThisProcess(string command, string version) => new()
    {
        Command = command,
        Version = version,
        Machine = Environment.MachineName,
        System = global::System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Runtime = global::System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        Cores = Environment.ProcessorCount,
    };
}
