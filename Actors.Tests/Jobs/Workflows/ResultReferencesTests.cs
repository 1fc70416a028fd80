using System.Text;
using ActorPerf.Jobs;

namespace ActorPerf.Tests.Jobs.Workflows;

public sealed class ResultReferencesTests
{
    [Fact]
    public void References_are_found_with_their_places() => Assert.Equal(
        [("/a", "x"), ("/list/1/b~1c", "y"), ("/list/2", "z")],
        ResultReferences.Find(Bytes("""{"a": {"$result": "x"}, "list": [1, {"b/c": {"$result": "y", "path": "p"}}, {"$result": "z"}, {"n": 1}]}""")));

    [Fact]
    public void A_place_below_a_name_that_is_no_text_is_told_as_well_as_can_be() => Assert.Equal(
        [("/\uFFFD", "x")], ResultReferences.Find(Bytes("""{"\ud800": {"$result": "\u0078"}}""")));

    [Fact]
    public void The_whole_of_the_arguments_may_be_a_reference() => Assert.Equal("[1,2]", Replace("""{"$result": "a"}""", "[1,2]"));

    [Theory]
    [InlineData("""{"x": {"$result": "a", "more": 1}}""")]
    [InlineData("""{"x": {"$result": 1}}""")]
    [InlineData("""{"x": {"$result": "other"}}""")]
    [InlineData("""{"x": "$result"}""")]
    [InlineData("""{"x": {"$result": "\ud800"}}""")]
    [InlineData("""{"x": {"$result": "a", "path": "\ud800"}}""")]
    [InlineData("""{"x": {"\ud800\ud800": 1, "$result": "a"}}""")]
    public void What_only_looks_like_a_reference_stays_to_the_byte(string args) => Assert.Equal(args, Replace(args, "1"));

    [Theory]
    [InlineData("b.1.c", "2.0")]
    [InlineData("b.0", "{\"c\": 1}")]
    [InlineData("b.2", "null")]
    [InlineData("b.1.c.d", "null")]
    [InlineData("", "{\"b\": [{\"c\": 1}, {\"c\": 2.0}]}")]
    public void A_path_takes_a_part(string path, string part) =>
        Assert.Equal($"[{part}]", Replace($$"""[{"$result": "a", "path": "{{path}}"}]""", """{"b": [{"c": 1}, {"c": 2.0}]}"""));

    [Fact]
    public void What_a_result_holds_is_no_reference() => Assert.Equal("""[{"$result": "a"}]""", Replace("""[{"$result": "a"}]""", """{"$result": "a"}"""));

    [Fact]
    public void Results_beyond_the_bound_are_refused()
    {
        var large = Bytes($"\"{new string('x', ResultReferences.MaxBytes / 2)}\"");
        Assert.NotNull(ResultReferences.Replace(Bytes("""[{"$result": "a"}]"""), _ => new ResultParts(large)));
        Assert.Null(ResultReferences.Replace(Bytes("""[{"$result": "a"}, {"$result": "a"}]"""), _ => new ResultParts(large)));
    }

    [Fact]
    public void A_reference_is_given_another_name() =>
        Assert.Equal("""[{"$result":"new","path":"p"}, 1, {"$result": "kept"}]""",
            Encoding.UTF8.GetString(ResultReferences.Rename(Bytes("""[{"path": "p", "$result": "old"}, 1, {"$result": "kept"}]"""), name => name == "old" ? "new" : null).Span));

    private static string Replace(string args, string result) =>
        Encoding.UTF8.GetString(ResultReferences.Replace(Bytes(args), name => name == "a" ? new ResultParts(Bytes(result)) : null)!.Value.Span);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
