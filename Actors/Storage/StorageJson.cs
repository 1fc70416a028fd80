using System.Text.Json.Serialization;

namespace ActorPerf.Storage;

/// <summary>The few JSON shapes that are stored inside a column.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(List<StoredLine>))]
[JsonSerializable(typeof(StoredProgress))]
[JsonSerializable(typeof(string[][]))]
internal sealed partial class StorageJson : JsonSerializerContext;

/// <summary>A log line of an attempt as stored: microseconds since 1970, level, text.</summary>
internal sealed record StoredLine(long At, int Level, string Text);

/// <summary>Progress of a run as stored: percent, message, microseconds since 1970, and its JSON as bytes.</summary>
internal sealed record StoredProgress(double Percent, string? Message, long At, byte[] Data);
