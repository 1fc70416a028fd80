using System.Text;
using System.Text.Json;
using ActorPerf.Configuration;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class SecretMaskTests
{
    public sealed record Login([property: Secret] string Password, string User);

    public sealed record Tree([Secret] string? Token, IReadOnlyList<Tree>? Below = null);

    public sealed record SecretArgs(
        Login Main, IReadOnlyList<Login> Others, IReadOnlyDictionary<string, Login> ByName, [Secret] int Pin, [property: Secret] Login Whole, Tree? Tree = null, string Plain = "");

    [ComputeTask("secretive")]
    public sealed class Secretive : IComputeTask<SecretArgs, int>
    {
        public ValueTask<int> RunAsync(SecretArgs args, TaskContext context, CancellationToken ct) => new(args.Pin);
    }

    [Fact]
    public void A_tasks_marked_members_are_secret_at_any_depth()
    {
        Assert.Equal(
            ["/byName/*/password", "/main/password", "/others/*/password", "/pin", "/tree/below/*", "/tree/token", "/whole"],
            A.Task<Secretive>().SecretArgs.Order(StringComparer.Ordinal));
        Assert.Empty(A.Task<ActorPerf.Tasks.Shipped.SquareTask>().SecretArgs);
    }

    [Theory]
    [InlineData("/a", """{ "a" : "x" , "b": 1.50 }""", """{ "a" : "•••" , "b": 1.50 }""")]
    [InlineData("/a", """{"\u0061":{"deep":[1,2]},"b":null}""", """{"\u0061":"•••","b":null}""")]
    [InlineData("/a/b", """{"a":{"b":7,"c":8},"b":9}""", """{"a":{"b":"•••","c":8},"b":9}""")]
    [InlineData("/a/*/b", """{"a":[{"b":1},{"c":2},{"b":[3]}]}""", """{"a":[{"b":"•••"},{"c":2},{"b":"•••"}]}""")]
    [InlineData("/a/1", """{"a":[1,2,3]}""", """{"a":[1,"•••",3]}""")]
    [InlineData("/x~1y/~0", """{"x/y":{"~":true}}""", """{"x/y":{"~":"•••"}}""")]
    [InlineData("", """[1,2]""", "\"•••\"")]
    [InlineData("/a", """{"b":1}""", """{"b":1}""")]
    [InlineData("/a", """[{"a":1}]""", """[{"a":1}]""")]
    [InlineData("/a", "no json", "\"•••\"")]
    [InlineData("/a", "", "")]
    public void Dots_stand_in_the_place_of_secrets_and_all_else_is_as_it_was(string pointer, string args, string shown) =>
        Assert.Equal(shown, Encoding.UTF8.GetString(Mask(pointer).Hide(Encoding.UTF8.GetBytes(args)).Span));

    [Fact]
    public void A_text_that_speaks_of_a_secret_loses_it()
    {
        var values = Mask("/password", "/pin").Values("""{"password":"pa\"ss word","pin":123456,"user":"ann"}"""u8.ToArray());
        Assert.Equal("ann: ••• and ••• at •••", SecretMask.Scrub("ann: pa\"ss word and pa\\\"ss word at 123456", values));
        Assert.Empty(Mask("/a").Values("""{"a":"abc"}"""u8.ToArray()));     // too short to be told from other text
    }

    [Fact]
    public void Half_of_a_surrogate_pair_hides_no_other_secret()
    {
        var args = """{"\ud800\ud800":1,"s":["\ud800\ud800","hunter22"],"t":"\udc00"}"""u8.ToArray();
        Assert.Equal("hunter22", Assert.Single(Mask("/s").Values(args)));
        Assert.Equal("""{"\ud800\ud800":1,"s":"•••","t":"\udc00"}""", Encoding.UTF8.GetString(Mask("/s").Hide(args).Span));
    }

    [Theory]
    [InlineData("pässwörd", """{"said": "p\u00e4ssw\u00F6rd"}""", """{"said": "•••"}""")]
    [InlineData("pässwörd", "b'p\\xc3\\xa4ssw\\xc3\\xb6rd'", "b'•••'")]
    [InlineData("pässwörd", "'p\\xe4ssw\\xf6rd' and pässwörd", "'•••' and •••")]
    [InlineData("key😀end", """ "key\ud83d\ude00end" """, """ "•••" """)]
    [InlineData("key😀end", "key\\U0001f600end", "•••")]
    [InlineData("say \"it\"", """{"line": "{\"inner\": \"say \\\"it\\\"\"}"}""", """{"line": "{\"inner\": \"•••\"}"}""")]
    [InlineData("C:\\new\\dir", """["C:\\new\\dir", "C:\\\\new\\\\dir"] C:\new\dir""", """["•••", "•••"] •••""")]
    [InlineData("two\nlines", """ "two\nlines" """, """ "•••" """)]
    [InlineData("hunter22", """C:\\hunter22 hunter2\u0032 hunter2""", """C:\\••• ••• hunter2""")]
    public void A_secret_is_found_however_a_program_wrote_it(string secret, string text, string shown)
    {
        var values = Mask("/s").Values(Encoding.UTF8.GetBytes($$"""{"s":"{{JsonEncodedText.Encode(secret)}}"}"""));
        Assert.Equal(shown, SecretMask.Scrub(text, values));
    }

    [Theory]
    [InlineData("""{"a":"•••"}""", true)]
    [InlineData("""{"a":"\u2022\u2022•"}""", true)]
    [InlineData("""{"a":"••"}""", false)]
    [InlineData("""{"a":"\ud800\ud800"}""", false)]
    public void Dots_are_dots_however_they_are_written(string args, bool hidden) => Assert.Equal(hidden, Mask("/a").IsHidden(Encoding.UTF8.GetBytes(args)));

    [Fact]
    public void Data_without_secrets_stays_JSON()
    {
        var values = Mask("/a", "/b").Values("""{"a":"pä\"ss","b":12345}"""u8.ToArray());
        Assert.Equal(
            """{ "n" : "•••", "•••x": ["_•••_", 1.50, null], "k":"ok" }""",
            Encoding.UTF8.GetString(SecretMask.ScrubJson("""{ "n" : 12345, "p\u00e4\"ssx": ["_p\u00E4\u0022ss_", 1.50, null], "k":"ok" }"""u8, values).Span));
        Assert.True(SecretMask.ScrubJson("{"u8, values).IsEmpty);
    }

    [Fact]
    public void Progress_and_lines_show_no_secret()
    {
        var context = new AttemptContext(null, 1, Namespace.Default, "t", TimeProvider.System, secrets: ["hunter22"]);
        context.Log("login with hunter22");
        context.Progress(5, "hunter22!", "{\"using\":\"hunter22\"}"u8.ToArray());
        Assert.Equal("login with •••", Assert.Single(context.Lines).Text);
        Assert.Equal(("•••!", "{\"using\":\"•••\"}"), (context.Latest!.Message, Encoding.UTF8.GetString(context.Latest.Data.Span)));
    }

    private static SecretMask Mask(params string[] pointers) =>
        SecretMask.Of(A.Lambda((_, _) => Task.FromResult("1")) with { SecretArgs = pointers })!;
}
