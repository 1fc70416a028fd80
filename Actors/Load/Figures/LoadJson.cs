using System.Text.Json.Serialization;

namespace ActorPerf.Load.Figures;

/// <summary>Runs and reports as JSON, the same on the wire and in files: times of day as RFC 3339 with milliseconds, durations as seconds (docs/formats/load-report.md).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(SecondsJson), typeof(MomentJson), typeof(FiniteJson), typeof(LoadTimesJson), typeof(LoadModelJson), typeof(LoadThresholdJson), typeof(LatencyHistogramJson),
        typeof(LoadStateJson), typeof(LoadVerdictJson),
    ])]
[JsonSerializable(typeof(LoadReport)), JsonSerializable(typeof(LoadProgress)), JsonSerializable(typeof(LoadLine)), JsonSerializable(typeof(KeptReport))]
[JsonSerializable(typeof(LoadModel.Closed)), JsonSerializable(typeof(LoadModel.Open))]
internal sealed partial class LoadJson : JsonSerializerContext;
