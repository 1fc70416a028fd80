using ActorPerf.Tracing;

namespace ActorPerf.Load;

/// <summary>What a run measured, whole: the figures and the histograms behind them. Nobody changes it any more.</summary>
/// <param name="Final">How the run stood at its end.</param>
/// <param name="Series">One for each row of <see cref="LoadProgress.Requests"/>, in its order, and then one for all.</param>
/// <param name="Jobs">One for each row of <see cref="LoadProgress.Jobs"/>, in its order.</param>
public sealed record LoadResult(LoadProgress Final, IReadOnlyList<LoadSeries> Series, IReadOnlyList<LoadSeries> Jobs);

/// <summary>The latencies behind a row.</summary>
/// <param name="Service">Sent to answered; of jobs accepted to finished.</param>
/// <param name="Response">Planned start to answered; of jobs the same as <paramref name="Service"/>.</param>
public sealed record LoadSeries(string Method, string Name, LatencyHistogram Service, LatencyHistogram Response);
