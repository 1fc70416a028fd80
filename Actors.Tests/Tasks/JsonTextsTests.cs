using System.Text;
using System.Text.Json;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class JsonTextsTests
{
    /// <summary>Well-formed; the first name is no text.</summary>
    private const string Broken = """{"\ud800": 1, "a\u0062": {"c": 2}}""";

    [Fact]
    public void A_member_is_found_beside_one_whose_name_is_no_text()
    {
        using var document = JsonDocument.Parse(Broken);
        Assert.True(document.RootElement.TryMember("ab", out var member));
        Assert.True(member.TryMember("c", out var inner));
        Assert.Equal(2, inner.GetInt32());
        Assert.False(document.RootElement.TryMember("d", out _));
        Assert.False(document.RootElement.TryMember("\uFFFD", out _));
    }

    [Fact]
    public void Searches_pass_over_a_name_that_is_no_text()
    {
        var result = Encoding.UTF8.GetBytes(Broken);
        Assert.Equal(["2"], ArgumentValues.Of(result, "ab.c"));
        Assert.Empty(ArgumentValues.Of(result, "x"));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""["\udcff"]""", """["\ufffd"]""")]
    [InlineData("""["\ud83d\ude00", "\ud83d\ud83d\ude00"]""", """["\ud83d\ude00", "\ufffd\ud83d\ude00"]""")]
    [InlineData("""["\ude00\ud83d", "\ud83dx"]""", """["\ufffd\ufffd", "\ufffdx"]""")]
    [InlineData("""["\\ud800", "\\\ud800"]""", """["\\ud800", "\\\ufffd"]""")]
    [InlineData("""["\u0041\ud80""", """["\u0041\ud80""")]      // cut off
    [InlineData("""["\""", """["\""")]
    public void Halves_of_surrogate_pairs_are_replaced_and_nothing_else(string json, string whole) =>
        Assert.Equal(whole, Encoding.UTF8.GetString(JsonTexts.WithoutHalves(Encoding.UTF8.GetBytes(json))));
}
