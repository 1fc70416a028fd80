using System.Diagnostics;
using System.Text;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconSubstitutionTests
{
    [Theory]
    [InlineData("a = 1\nb = ${a}", "a=1 b=1")]
    [InlineData("b = ${a}\na = 1", "a=1 b=1")]
    [InlineData("a.b.c = x\nd = ${a.b.c}", "a:b:c=x d=x")]
    [InlineData("\"a.b\" = x\nd = ${\"a.b\"}", "a.b=x d=x")]
    [InlineData("a = x\nb = /${a}/y ${a}", "a=x b=/x/y x")]
    [InlineData("a { x = 1 }\nb = ${a} { y = 2 }", "a:x=1 b:x=1 b:y=2")]
    [InlineData("a { x = 1 }\nb = ${a}\nb { x = 2 }", "a:x=1 b:x=2")]
    [InlineData("a = [1]\nb = ${a} [2] ${a}", "a:0=1 b:0=1 b:1=2 b:2=1")]
    [InlineData("a = ${?none}", "")]
    [InlineData("a = 1\na = ${?none}", "a=1")]
    [InlineData("a = ${?none}${?neither}", "")]
    [InlineData("a = x${?none}y", "a=xy")]
    [InlineData("a = [1, ${?none}, 2]", "a:0=1 a:1=2")]
    [InlineData("a = ${?none} [1]", "a:0=1")]
    [InlineData("a = ${?none} { x = 1 }", "a:x=1")]
    [InlineData("a = \"${b}\"", "a=${b}")]
    [InlineData("a = null\nb = ${a}", "a=null b=null")]
    [InlineData("a = ${nowhere}\na = 5", "a=5")]
    public void Substitutions_take_the_final_value_of_their_path(string text, string expected) => Assert.Equal(expected, Hocon.Line(text));

    [Theory]
    [InlineData("path = /a\npath = ${path}\":/b\"", "path=/a:/b")]
    [InlineData("a = [1]\na = ${a} [2]\na = [0] ${a}", "a:0=0 a:1=1 a:2=2")]
    [InlineData("a = ${?a} x", "a= x")]
    [InlineData("a = ${?a}x", "a=x")]
    [InlineData("a = [1]\na = [${a}, 2]", "a:0:0=1 a:1=2")]
    [InlineData("a = { a = { c = 1 } }\na = ${a.a}\na = { b = 2 }", "a:a:c=1 a:b=2 a:c=1")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }\nbar { foo = 43 }", "bar:baz=43 bar:foo=43")]
    [InlineData("bar { a = ${foo.d}, b = 1 }\nbar.b = 3\nfoo { c = ${bar.b}, d = 2 }\nfoo.d = 4", "bar:a=4 bar:b=3 foo:c=3 foo:d=4")]
    [InlineData("base { list = [0] }\na = ${base} { list += 1, list += 2 }", "a:list:0=0 a:list:1=1 a:list:2=2 base:list:0=0")]
    [InlineData("base { n { x = 1 } }\na = ${base}\na.n.y = ${a.n.x}", "a:n:x=1 a:n:y=1 base:n:x=1")]
    [InlineData("v = 7\na = [1]\na += ${v}\na += ${v}", "a:0=1 a:1=7 a:2=7 v=7")]
    public void A_key_that_names_itself_sees_what_it_held_before(string text, string expected) => Assert.Equal(expected, Hocon.Line(text));

    [Fact]
    public void The_environment_stands_in_for_what_the_file_does_not_define()
    {
        static string? Environment(string name) => name switch { "HOME" => "/home/x", "EMPTY" => "", _ => null };
        Assert.Equal("HOME=/y a=/y b= c=1", Hocon.Line("HOME = /y\na = ${HOME}\nb = ${EMPTY}\nc = 1\nc = ${?NONE}", Environment));
        Assert.Equal("a=/home/x/data", Hocon.Line("a = ${HOME}/data", Environment));
    }

    [Theory]
    [InlineData("a = ${b.c}", "a.hocon:1:5: the substitution ${b.c} has no value; define 'b.c' here or in the environment, or write ${?b.c}")]
    [InlineData("a = ${a}", "a.hocon:1:5: the substitution ${a} refers to itself")]
    [InlineData("a = x ${a}", "a.hocon:1:7: the substitution ${a} refers to itself")]
    [InlineData("a = ${b}\nb = ${c}\nc = ${a}", "a.hocon:3:5: the substitution ${a} refers to itself")]
    [InlineData("a { b = ${a} }", "a.hocon:1:3: the object contains itself")]
    [InlineData("a = { b = ${a} {} }", "a.hocon:1:16: the resolved value is deeper than 64 levels")]
    [InlineData("a = [{ b = ${a} }]", "a.hocon:1:6: the object contains itself")]
    public void Undefined_and_circular_substitutions_are_refused(string text, string message) =>
        Assert.StartsWith(message, Hocon.Refused(text).Message, StringComparison.Ordinal);

    public static TheoryData<string, string> Bombs => new()
    {
        { "strings that double", Doubling("x") },
        { "lists that double", Doubling("[1, 2]") },
        { "objects that double in a list", string.Join('\n', Enumerable.Range(0, 40).Select(i => i == 0 ? "a0 = { x = 1 }" : $"a{i} = [${{a{i - 1}}}, ${{a{i - 1}}}]")) },
        { "a million expansions", "big = [" + string.Join(',', Enumerable.Repeat("1", 1000)) + "]\nall = [" + string.Join(',', Enumerable.Repeat("${big}", 1000)) + "]" },
        { "a chain of a thousand", string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"a{i} = ${{a{i + 1}}}")) + "\na1000 = 1" },
        { "a chain of itself", "a = x\n" + string.Concat(Enumerable.Repeat("a = ${a}y\n", 1000)) },
        { "a list copied many times", "t { l = [" + string.Join(',', Enumerable.Repeat("1", 100_000)) + "] }\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"a{i} = ${{t}} {{}}\n")) },
        { "a long append with substitutions", "v = 1\n" + string.Concat(Enumerable.Repeat("a += ${v}\n", 60_000)) },
        { "a long key copied many times", "v = 1\nt { " + string.Concat(Enumerable.Repeat("l = ${v}\n", 50_000)) + "}\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"a{i} = ${{t}} {{}}\n")) },
        { "objects within themselves", "a { b = ${a} {}, c = ${a} {}, d = ${a} {} }" },
        { "merges that double", "a0 { x { y = 1 } }\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i} = ${{a{i - 1}}} ${{a{i - 1}}}\n")) },
        { "a long name above a long list", new string('k', 400_000) + " = [" + string.Join(',', Enumerable.Repeat("1", 100_000)) + "]" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Expansion_is_refused_in_a_second_and_a_hundred_megabytes(string what, string text)
    {
        Hocon.Flat("warm = up");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var fault = Hocon.Refused(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{what}: {clock.Elapsed}");     // under 1 s when nothing else runs
        Assert.True(allocated < 200_000_000, $"{what}: {allocated} bytes allocated over the whole run");
        Assert.Matches(@"^a\.hocon:\d+:\d+: .*(MiB|values wait|levels|contains itself)", fault.Message);
    }

    [Fact]
    public void Long_runs_of_appending_are_cheap()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 50_000; i++) text.Append("a += ").Append(i).Append('\n');
        Assert.Equal("49999", Hocon.Flat(text.ToString())["a:49999"]);
        Assert.Equal(2_001, Hocon.Flat("v = 1\n" + string.Concat(Enumerable.Repeat("a += ${v}\n", 2_000))).Count);
    }

    private static string Doubling(string seed) =>
        string.Join('\n', Enumerable.Range(0, 64).Select(i => i == 0 ? $"a0 = {seed}" : $"a{i} = ${{a{i - 1}}}${{a{i - 1}}}"));
}
