using System.Diagnostics;
using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconSyntaxTests
{
    [Theory]
    [InlineData("a = 1", "a=1")]
    [InlineData("a : 1", "a=1")]
    [InlineData("{ a = 1 }", "a=1")]
    [InlineData("{\"a\"\n:\n1\n,\"b\":[true,null]}", "a=1 b:0=true b:1=null")]
    [InlineData("a { b = 1 }", "a:b=1")]
    [InlineData("a\n{ b = 1 }", "a:b=1")]
    [InlineData("a.b.c = 1", "a:b:c=1")]
    [InlineData("\"a.b\".c = 1", "a.b:c=1")]
    [InlineData("a . b = 1", "a:b=1")]
    [InlineData("one two.three = 1", "one two:three=1")]
    [InlineData("d./compute/default.n = 1", "d:/compute/default:n=1")]
    [InlineData("d { /compute/default { n = 1 } }", "d:/compute/default:n=1")]
    [InlineData("d { \"/compute/default\" { n = 1 } }", "d:/compute/default:n=1")]
    [InlineData("a = 1, b = 2\nc = 3,\n d = 4,", "a=1 b=2 c=3 d=4")]
    [InlineData("a = [1, 2,\n3\n4,]", "a:0=1 a:1=2 a:2=3 a:3=4")]
    [InlineData("a = []\nb {}", "a= b=null")]
    [InlineData("a = [[], [1], {x = 1}]", "a:0= a:1:0=1 a:2:x=1")]
    [InlineData("# one\na = 1 // two\n// three\nb = x#four", "a=1 b=x")]
    [InlineData("a = 1\r\nb = 2\r\n", "a=1 b=2")]
    [InlineData("a = 256 MiB  # size", "a=256 MiB")]
    [InlineData("a = 1.50", "a=1.50")]
    [InlineData("a = null\nb = \"null\"\nc = null x", "a=null b=null c=null x")]
    [InlineData("includes = 1\ninclude.x = 2", "include:x=2 includes=1")]
    [InlineData("# nothing but a comment", "")]
    [InlineData("{}", "")]
    [InlineData("1.2 = x", "1:2=x")]
    [InlineData("a = /var/lib/x-y_z", "a=/var/lib/x-y_z")]
    [InlineData("a\u00a0=\u20031", "a=1")]
    public void Texts_are_read_as_the_specification_says(string text, string expected) => Assert.Equal(expected, Hocon.Line(text));

    [Theory]
    [InlineData("\"x y\"", "x y")]
    [InlineData("\"\"", "")]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"", "\"\\/\b\f\n\r\té😀")]
    [InlineData("\"\"\"one\n  \"two\" \\n\"\"\"", "one\n  \"two\" \\n")]
    [InlineData("\"\"\"a\"\"\"\"\"", "a\"\"")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("a \"b  c\"  d", "a b  c  d")]
    [InlineData("a\"b\"c", "abc")]
    public void Strings_keep_what_they_hold(string value, string expected) => Assert.Equal(expected, Hocon.Flat("a = " + value)["a"]);

    [Theory]
    [InlineData("a = 1\na = 2", "a=2")]
    [InlineData("a { x = 1, y = 1 }\na { y = 2, z = 2 }", "a:x=1 a:y=2 a:z=2")]
    [InlineData("a { b { x = 1 } }\na.b.y = 2", "a:b:x=1 a:b:y=2")]
    [InlineData("a { x = 1 }\na = 5\na { y = 2 }", "a:y=2")]
    [InlineData("a { x = 1 }\na = null\na { y = 2 }", "a:y=2")]
    [InlineData("a = [1, 2]\na = [3]", "a:0=3")]
    [InlineData("a = [1]\na += 2\na += { x = 3 }", "a:0=1 a:1=2 a:2:x=3")]
    [InlineData("a += 1", "a:0=1")]
    [InlineData("a = [1] [2, 3]", "a:0=1 a:1=2 a:2=3")]
    [InlineData("a = { x = 1 } { x = 2, y = 3 }", "a:x=2 a:y=3")]
    public void Later_settings_replace_merge_or_append(string text, string expected) => Assert.Equal(expected, Hocon.Line(text));

    [Theory]
    [InlineData("a {\n  b = 1\n", "a.hocon:1:3: the brace opened here is never closed")]
    [InlineData("a = [1, 2", "a.hocon:1:5: the bracket opened here is never closed")]
    [InlineData("a = \"x\nb = 1", "a.hocon:1:5: the string opened here is not closed on its line")]
    [InlineData("a = \"x", "a.hocon:1:5: the string opened here is not closed on its line")]
    [InlineData("\n a = \"\"\"x\ny", "a.hocon:2:6: the string opened here by \"\"\" is never closed")]
    [InlineData("a = 1 }", "a.hocon:1:7: this '}' closes nothing")]
    [InlineData("{ a = 1 } b = 2", "a.hocon:1:11: 'b' follows the closing brace of the file")]
    [InlineData("[1, 2]", "a.hocon:1:1: the file is a list")]
    [InlineData("", "a.hocon:1:1: the file is empty")]
    [InlineData(" \n\t\n", "a.hocon:1:1: the file is empty")]
    [InlineData("a", "a.hocon:1:2: the key 'a' has no value")]
    [InlineData("a b\nc = 1", "a.hocon:1:4: the key 'a b' has no value")]
    [InlineData("a =\n", "a.hocon:2:1: 'a' has no value")]
    [InlineData("a = ,", "a.hocon:1:5: 'a' has no value")]
    [InlineData("= 1", "a.hocon:1:1: a key has an empty name before '='")]
    [InlineData("a..b = 1", "a.hocon:1:3: a key has an empty name before '.'")]
    [InlineData("a. = 1", "a.hocon:1:4: a key has an empty name before '='")]
    [InlineData(".a = 1", "a.hocon:1:1: a key has an empty name before '.'")]
    [InlineData("a = http://x", "a.hocon:1:9: ':' inside a value")]
    [InlineData("a = 1 b = 2", "a.hocon:1:9: '=' inside a value")]
    [InlineData("a = x@y", "a.hocon:1:6: '@' cannot stand in a value without quotes")]
    [InlineData("a = $5", "a.hocon:1:5: '$' begins a substitution")]
    [InlineData("a = ${b", "a.hocon:1:5: the substitution opened here is not closed")]
    [InlineData("a = ${}", "a.hocon:1:7: a substitution has an empty name")]
    [InlineData("a = \"\\x\"", "a.hocon:1:6: unknown escape")]
    [InlineData("a = \"\\u12g4\"", "a.hocon:1:6: \\u needs four hexadecimal digits")]
    [InlineData("a = \"\\ud800\"", "a.hocon:1:5: the string holds half a surrogate pair")]
    [InlineData("a = \"\\u0000\"", "a.hocon:1:6: \\u0000 is not allowed")]
    [InlineData("a = \"x\u0001\"", "a.hocon:1:7: a string holds the control character U+0001; write it as the escape \\u0001")]
    [InlineData("a = \u0007x", "a.hocon:1:5: the control character U+0007")]
    [InlineData("a = [1,,2]", "a.hocon:1:8: a list element has no value")]
    [InlineData("a = 1,,b = 2", "a.hocon:1:7: a key has an empty name before ','")]
    [InlineData("a = [1] x", "a.hocon:1:5: a list (from a.hocon:1:5) and a text (from a.hocon:1:9) stand side by side")]
    [InlineData("a = {} [1]", "a.hocon:1:5: an object (from a.hocon:1:5) and a list (from a.hocon:1:8) stand side by side")]
    [InlineData("a = 5\na += 6", "a.hocon:2:6: += appends to a list, but 'a' holds a text from a.hocon:1:5")]
    [InlineData("include foo.hocon", "a.hocon:1:18: an include names its file in quotes")]
    [InlineData("include \"x\"", "a.hocon:1:1: include needs a file that includes")]
    [InlineData("\"\" = 1", "a.hocon:1:1: a key is empty")]
    [InlineData("\"a:b\" = 1", "a.hocon:1:1: the key 'a:b' holds a colon")]
    [InlineData("a = 1\nA = 2", "a.hocon:2:1: 'A' and 'a' (a.hocon:1:1) differ only in case")]
    public void Faults_name_file_line_and_column(string text, string message)
    {
        var fault = Hocon.Refused(text);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal("a.hocon", fault.Origin.Source);
    }

    [Theory]
    [InlineData("{a = ", "1", "}")]
    [InlineData("[", "", "]")]
    public void Nesting_is_bounded(string open, string middle, string close)
    {
        string Nested(int levels) => "x = " + string.Concat(Enumerable.Repeat(open, levels)) + middle + string.Concat(Enumerable.Repeat(close, levels));
        Assert.NotEmpty(Hocon.Flat(Nested(60)));
        Assert.Contains("more than 64 levels", Hocon.Refused(Nested(70)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 64 levels", Hocon.Refused(Nested(100_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_paths_are_refused_like_deep_nesting() =>
        Assert.Contains("more than 64 levels", Hocon.Refused(string.Join('.', Enumerable.Repeat("a", 200_000)) + " = 1").Message, StringComparison.Ordinal);

    [FullFact]
    public void Large_files_take_time_in_proportion()
    {
        var clock = Stopwatch.StartNew();
        Assert.Equal("1", Hocon.Flat(string.Concat(Enumerable.Repeat("a ", 100_000)) + "= 1").Single().Value);
        Assert.Equal(199_999, Hocon.Flat("a = " + string.Concat(Enumerable.Repeat("a ", 100_000)))["a"]!.Length);
        Assert.Equal(100_000, Hocon.Flat("a = [" + string.Concat(Enumerable.Repeat("1,", 100_000)) + "]").Count);
        Assert.Equal(50_000, Hocon.Flat(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"k{i}=1\n"))).Count);
        Assert.Single(Hocon.Flat(string.Concat(Enumerable.Repeat("a{b=1}\n", 50_000))));
        Assert.Equal(20_000, Hocon.Configuration(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"q.k{i}.x.y = 1\n"))).AsEnumerable().Count(pair => pair.Value == "1"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");      // under 1 s when nothing else runs; hours when something is quadratic
    }

    [Fact]
    public void Every_value_knows_where_it_was_written()
    {
        var root = HoconReader.ReadText("a {\n  b = 5\n}\na.c = [x,\n y]", "a.hocon", Hocon.NoEnvironment);
        Assert.Equal(new Origin("a.hocon", 2, 7), root.At("a", "b")!.Origin);
        Assert.Equal(new Origin("a.hocon", 5, 2), Assert.IsType<HoconValue.List>(root.At("a", "c")).Items[1].Origin);
        Assert.Equal(new Origin("a.hocon", 4, 1), root.Fields[0].KeyOrigin);
        Assert.Null(root.At("a", "b", "c"));
    }
}
