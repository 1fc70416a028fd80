using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData(""" { "a" : [ 1 , true , null ] } """, """{"a":[1,true,null]}""")]
    [InlineData("""{"b":{"d":1,"c":[{"y":1,"x":2}]},"a":{}}""", """{"a":{},"b":{"c":[{"x":2,"y":1}],"d":1}}""")]
    [InlineData("\"\\u0041\\u000a\\/\\u001f\\u00e9\"", "\"A\\n/\\u001fé\"")]
    [InlineData("[]", "[]")]
    public void A_value_has_one_form(string json, string canonical) => Assert.Equal(canonical, Write(json));

    [Theory]
    [InlineData("9007199254740993", "9007199254740993")]  // beyond 2^53: digits stay
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1e0", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0e5", "0")]
    [InlineData("100e-2", "1")]
    [InlineData("0.10", "0.1")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("-12.50e-1", "-1.25")]
    [InlineData("1.7976931348623157E308", "1.7976931348623157e+308")]
    [InlineData("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827")] // no double reads back to it
    [InlineData("1e400", "1e+400")]
    public void A_number_keeps_its_exact_value(string json, string canonical) => Assert.Equal(canonical, Write(json));

    [Fact]
    public void Members_are_ordered_by_utf16_code_units()
    {
        // U+1F600 is D83D DE00 in UTF-16 and so before U+FB33, although its code point and its UTF-8 bytes are higher.
        Assert.Equal("{\"a\":1,\"😀\":2,\"\uFB33\":3}", Write("{\"\uFB33\":3,\"😀\":2,\"a\":1}"));
        Assert.Equal("{\"\\n\":2,\"1\":1}", Write("""{"1":1,"\n":2}"""));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"b":0,"a":1,"\u0061":2}""")]
    [InlineData("""{"a":""")]
    [InlineData("")]
    [InlineData("1 2")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e1000000000000000")]
    public void What_has_no_form_is_refused(string json) => Assert.False(CanonicalJson.TryWrite(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_shortest_double_is_written_as_rfc_8785_writes_it()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (!double.IsFinite(value)) continue;
            var text = value.ToString("E16", CultureInfo.InvariantCulture);
            var shortest = value.ToString("R", CultureInfo.InvariantCulture);
            var written = Write(shortest.Contains('.', StringComparison.Ordinal) || shortest.Contains('E', StringComparison.Ordinal) ? shortest : shortest + ".0");
            Assert.Equal(value, double.Parse(written, CultureInfo.InvariantCulture));
            Assert.Equal(written, Write(written.Contains('.', StringComparison.Ordinal) || written.Contains('e', StringComparison.Ordinal) ? written : written + ".0"));
            Assert.DoesNotContain("E", written, StringComparison.Ordinal);
            Assert.NotEmpty(text);
        }
    }

    [Fact]
    public void Forms_are_equal_exactly_when_values_are()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var (a, b) = (Value(random, 3), Value(random, 3));
            var (spelledA, spelledAgain, spelledB) = (Spell(a, random), Spell(a, random), Spell(b, random));
            Assert.True(Write(spelledA) == Write(spelledAgain), $"seed {seed}: {spelledA} and {spelledAgain} are one value");
            Assert.True(Write(spelledA) == Write(spelledB) == Same(a, b), $"seed {seed}: {spelledA} and {spelledB}");
            Assert.True(Write(Write(spelledA)) == Write(spelledA), $"seed {seed}: writing twice changes {spelledA}");
        }
    }

    private static string Write(string json)
    {
        Assert.True(CanonicalJson.TryWrite(Encoding.UTF8.GetBytes(json), out var canonical), json);
        return Encoding.UTF8.GetString(canonical);
    }

    // A model of its own: a decimal is (digits, power of ten) without trailing zeros.
    private sealed record Decimal(BigInteger Digits, int Power);

    private static object? Value(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-3, 4),
        3 => Normal(random.NextInt64(-20, 20), random.Next(-3, 3)),
        4 => new string([.. Enumerable.Range(0, random.Next(3)).Select(_ => "a\n\"é😀"[random.Next(4)])]),
        5 => Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1)).ToList(),
        _ => Enumerable.Range(0, random.Next(4)).Select(i => $"k{random.Next(5)}{i}").Distinct().ToDictionary(name => name, _ => Value(random, depth - 1)),
    };

    private static object Normal(BigInteger digits, int power)
    {
        while (!digits.IsZero && digits % 10 == 0) (digits, power) = (digits / 10, power + 1);
        if (digits.IsZero) return 0;
        return power >= 0 ? (int)(digits * BigInteger.Pow(10, power)) : new Decimal(digits, power);
    }

    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (List<object?> x, List<object?> y) => x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First, pair.Second)),
        (Dictionary<string, object?> x, Dictionary<string, object?> y) => x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out var other) && Same(pair.Value, other)),
        _ => Equals(a, b),
    };

    private static string Spell(object? value, Random random) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        int whole => random.Next(3) switch { 0 => $"{whole}.0", 1 => $"{whole}.00e0", _ => $"{whole}" },
        Decimal number => random.Next(2) == 0 ? $"{number.Digits}e{number.Power}" : $"{number.Digits}00E{number.Power - 2}",
        string text => JsonSerializer.Serialize(text, random.Next(2) == 0 ? JsonSerializerOptions.Default : Relaxed),
        List<object?> items => $"[{Space(random)}{string.Join(",", items.Select(item => Spell(item, random)))}]",
        Dictionary<string, object?> members => $"{{{string.Join($",{Space(random)}", members.OrderBy(_ => random.Next()).Select(member => $"\"{member.Key}\":{Spell(member.Value, random)}"))}}}",
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Space(Random random) => new(' ', random.Next(3));
}
