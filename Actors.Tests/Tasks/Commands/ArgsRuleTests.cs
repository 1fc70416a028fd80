using System.Text;
using ActorPerf.Tasks.Commands;

namespace ActorPerf.Tests.Tasks.Commands;

public sealed class ArgsRuleTests
{
    [Theory]
    [InlineData("""{"type": "integer"}""", "1.0", "")]
    [InlineData("""{"type": "integer"}""", "1.5", "/args must be of type integer")]
    [InlineData("""{"type": ["string", "null"]}""", "1", "/args must be of type string or null")]
    [InlineData("""{"required": ["a/b"], "properties": {"a/b": true}}""", "{}", "/args/a~1b is required")]
    [InlineData("""{"properties": {"a": {"type": "string"}}, "additionalProperties": false}""", """{"a": 1, "b": 2}""", "/args/a must be of type string; /args/b is unknown")]
    [InlineData("""{"additionalProperties": {"type": "number"}}""", """{"a": "x"}""", "/args/a must be of type number")]
    [InlineData("""{"items": {"maximum": 2}, "minItems": 1, "maxItems": 2}""", "[1, 3, 2]", "/args must have at most 2 items; /args/1 must be at most 2")]
    [InlineData("""{"enum": [1, "a"]}""", "\"b\"", "/args must be one of 1, \"a\"")]
    [InlineData("""{"enum": [1, "a"]}""", "1.0", "")]
    [InlineData("""{"const": {"a": 1}}""", """{"a": 2}""", "/args must be {\"a\": 1}")]
    [InlineData("""{"minLength": 2, "maxLength": 3, "pattern": "^a"}""", "\"b\"", "/args must have at least 2 characters; /args must match ^a")]
    [InlineData("""{"pattern": "^[a-z]+$"}""", "\"abc\\n\"", "/args must match ^[a-z]+$")]
    [InlineData("""{"pattern": "^[a-z]+$"}""", "\"abc\"", "")]
    [InlineData("""{"pattern": "^\\d+$"}""", "\"٣\"", "/args must match ^\\d+$")]
    [InlineData("""{"pattern": "^[\\w.$]+$"}""", "\"a_9.$\"", "")]
    [InlineData("""{"pattern": "^[\\w.$]+$"}""", "\"é\"", "/args must match ^[\\w.$]+$")]
    [InlineData("""{"pattern": "^[^\\D]\\W\\$$"}""", "\"1é$\"", "")]
    [InlineData("""{"pattern": "^.$"}""", "\"\\r\"", "/args must match ^.$")]
    [InlineData("""{"maxLength": 1}""", "\"😀\"", "")]
    [InlineData("""{"minimum": 1, "exclusiveMaximum": 2}""", "2", "/args must be below 2")]
    [InlineData("""{"maximum": 1, "exclusiveMinimum": 0}""", "0", "/args must be above 0")]
    [InlineData("false", "1", "/args is unknown")]
    [InlineData("true", "1", "")]
    [InlineData("true", "\"\\ud83d\\ude00\"", "")]
    [InlineData("""{"maxLength": 1}""", "\"\\ud800\"", "/args must have texts and names of whole characters; one holds half of a surrogate pair")]
    [InlineData("""{"enum": [{"a": "x"}]}""", """{"a": "\ud800"}""", "/args must have texts and names of whole characters; one holds half of a surrogate pair")]
    [InlineData("""{"additionalProperties": true}""", """{"\udc00": 1}""", "/args must have texts and names of whole characters; one holds half of a surrogate pair")]
    public void What_does_not_fit_is_told_with_its_place(string schema, string args, string faults) =>
        Assert.Equal(faults, string.Join("; ", ArgsRule.Parse(schema).Check(Encoding.UTF8.GetBytes(args)).Select(fault => $"{fault.Pointer} {fault.Message}")));

    [Theory]
    [InlineData("[]", "must be an object")]
    [InlineData("""{"required": "a"}""", "/required must be a list of names")]
    [InlineData("""{"minimum": "a"}""", "/minimum must be a number")]
    [InlineData("""{"properties": {"a": {"$ref": "#"}}}""", "/properties/a has '$ref'")]
    [InlineData("""{"pattern": "(a)\\1"}""", "linear time")]
    public void A_schema_that_cannot_be_checked_is_refused(string schema, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => ArgsRule.Parse(schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void At_most_20_faults_are_told() =>
        Assert.Equal(20, ArgsRule.Parse("""{"items": {"type": "string"}}""").Check(Encoding.UTF8.GetBytes($"[{string.Join(",", Enumerable.Range(0, 100))}]")).Count);
}
