using ActorPerf.Web.Console.Forms;

namespace ActorPerf.Tests.Web.Console;

public sealed class OptionFieldTests
{
    [Theory]
    [InlineData("nightly, eu", "nightly", "eu")]
    [InlineData(" a ,, b,", "a", "b")]
    [InlineData("\"eu,west\", b", "eu,west", "b")]
    [InlineData("\"say \"\"no\"\"\"", "say \"no\"")]
    [InlineData("\"open, b", "\"open", "b")]
    [InlineData("\"a\" b, c", "\"a\" b", "c")]
    [InlineData("")]
    [InlineData(" , ")]
    public void Words_stand_between_commas_that_are_not_in_quotes(string text, params string[] words) => Assert.Equal(words, OptionField.Split(text));

    [Theory]
    [InlineData("eu,west", "b")]
    [InlineData("\"", "\"\"", "a\"b", "\"a\"", ",", "a,\"b")]
    [InlineData("nightly")]
    public void What_is_joined_is_split_into_the_same_words(params string[] words) => Assert.Equal(words, OptionField.Split(OptionField.Join(words)));
}
