using System.Text.Json;
using System.Text.Json.Serialization;
using ActorPerf.Tracing;

namespace ActorPerf.Load.Figures;

/// <summary>Times of a row: <c>{"min", "mean", "max", "percentiles": {"50": …, "99.9": …}}</c>, in seconds.</summary>
internal sealed class LoadTimesJson : JsonConverter<LoadTimes>
{
    private static readonly string[] Names = [.. LoadRow.Percents.Select(static percent => LoadWords.Percentile(percent).TrimEnd('%'))];

    public override LoadTimes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var percentiles = root.GetProperty("percentiles");
        return new LoadTimes(Time(root, "min"), Time(root, "mean"), Time(root, "max"), [.. Names.Select(name => Time(percentiles, name))]);
    }

    public override void Write(Utf8JsonWriter writer, LoadTimes value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("min", SecondsJson.Of(value.Min));
        writer.WriteNumber("mean", SecondsJson.Of(value.Mean));
        writer.WriteNumber("max", SecondsJson.Of(value.Max));
        writer.WriteStartObject("percentiles");
        for (var i = 0; i < Names.Length; i++) writer.WriteNumber(Names[i], SecondsJson.Of(value.Percentiles[i]));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static TimeSpan Time(JsonElement parent, string name) => SecondsJson.FromSeconds(parent.GetProperty(name).GetDouble());
}

/// <summary>A histogram whole, in microseconds: <c>{"min", "max", "buckets": [lowest, count, lowest, count, …]}</c>.</summary>
internal sealed class LatencyHistogramJson : JsonConverter<LatencyHistogram>
{
    public override LatencyHistogram Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var buckets = new List<LatencyBucket>();
        var numbers = root.GetProperty("buckets");
        for (var i = 0; i + 1 < numbers.GetArrayLength(); i += 2) buckets.Add(new LatencyBucket(numbers[i].GetInt64(), numbers[i].GetInt64(), numbers[i + 1].GetInt64()));
        return LatencyHistogram.Of(buckets, root.GetProperty("min").GetInt64(), root.GetProperty("max").GetInt64());
    }

    public override void Write(Utf8JsonWriter writer, LatencyHistogram value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("min", (long)value.Min.TotalMicroseconds);
        writer.WriteNumber("max", (long)value.Max.TotalMicroseconds);
        writer.WriteStartArray("buckets");
        foreach (var bucket in value.Buckets())
        {
            writer.WriteNumberValue(bucket.Lowest);
            writer.WriteNumberValue(bucket.Count);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
