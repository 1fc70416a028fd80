using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;

namespace ActorPerf.Tests.Web.Wire;

public sealed class JsonScanTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(66)]
    [InlineData(1_000)]
    public void A_name_that_is_there_twice_is_found_however_many_there_are(int names)
    {
        Assert.Null(Scan(Object(names)));
        Assert.Equal("/n0", Scan(Object(names, last: "n0"))?.Pointer);
        Assert.Equal($"/n{names - 1}", Scan(Object(names, last: $"\\u006e{names - 1}"))?.Pointer);
    }

    [Fact]
    public void Names_count_for_their_own_object_alone()
    {
        var wide = Object(100);
        Assert.Null(Scan($"[{wide},{wide}]"));
        Assert.Null(Scan($$"""{"a": {{wide}}, "b": [{{wide}}, {"c": {{wide}}}], {{wide[1..^1]}}}"""));
        Assert.Equal("/b/1/n7", Scan($$"""{"a": {{wide}}, "b": [{{wide}}, {{Object(100, last: "n7")}}]}""")?.Pointer);
        Assert.Equal("/n3", Scan($$"""{ {{wide[1..^1]}}, "z": {{wide}}, "n3": 1}""")?.Pointer);
    }

    [Fact]
    public void An_object_costs_as_much_as_it_is_long()
    {
        // As many names either way, so that whatever else runs here slows both alike. A search among all siblings would take about 100 times as long for the one object.
        var (few, many) = (Encoding.UTF8.GetBytes(Object(2_000)), Encoding.UTF8.GetBytes(Object(200_000)));
        var (fewTook, manyTook) = (Best(few, 100), Best(many, 1));
        Assert.True(manyTook < 25 * fewTook, $"{fewTook} for 100 times 2,000 names and {manyTook} for 200,000");

        static TimeSpan Best(byte[] body, int times) => Enumerable.Range(0, 5).Select(_ =>
        {
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++) Scan(body);
            return System.Diagnostics.Stopwatch.GetElapsedTime(began);
        }).Min();
    }

    private static string Object(int names, string? last = null) =>
        $"{{{string.Join(',', Enumerable.Range(0, names).Select(static i => $"\"n{i}\":0"))}{(last is null ? "" : $",\"{last}\":1")}}}";

    private static FieldFault? Scan(string json) => Scan(Encoding.UTF8.GetBytes(json));

    private static FieldFault? Scan(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        return JsonScan.Skip(ref reader, body, "");
    }
}
