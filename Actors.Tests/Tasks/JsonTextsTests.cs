using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class JsonTextsTests
{
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
