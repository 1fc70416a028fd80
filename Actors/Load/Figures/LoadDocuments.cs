using System.Text.Json;

namespace ActorPerf.Load.Figures;

/// <summary>Runs as JSON documents for the wire, UTF-8; the same words as in the files (docs/formats/load-report.md).</summary>
public static class LoadDocuments
{
    /// <summary>How a run stands.</summary>
    public static byte[] Of(LoadProgress run) => JsonSerializer.SerializeToUtf8Bytes(run, LoadJson.Default.LoadProgress);

    /// <exception cref="JsonException">It is none.</exception>
    public static LoadProgress ReadRun(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, LoadJson.Default.LoadProgress) ?? throw new JsonException("The run is null.");

    public static void Write(Utf8JsonWriter writer, LoadLine line) => JsonSerializer.Serialize(writer, line, LoadJson.Default.LoadLine);
}
