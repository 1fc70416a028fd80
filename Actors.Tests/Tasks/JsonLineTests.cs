using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class JsonLineTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("\n1.50\r\n", "1.50")]
    [InlineData("{\r\n\t\"a\" : [ 1 ,\r2 ] }\n", "{\"a\":[1,2]}")]
    [InlineData("[\n\" a \\\" \\\\\", \"\\\\\\\"\\n \\\\\", \"x y\"\n]", "[\" a \\\" \\\\\",\"\\\\\\\"\\n \\\\\",\"x y\"]")]
    [InlineData("[\n\"\\ud800\", \"ä 😀\u2028\"]", "[\"\\ud800\",\"ä 😀\u2028\"]")]
    public void White_space_between_tokens_goes_and_nothing_else(string json, string line)
    {
        Assert.Equal(json == "{}", JsonLine.Is(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(line, Encoding.UTF8.GetString(JsonLine.Compact(Encoding.UTF8.GetBytes(json))));
    }
}
