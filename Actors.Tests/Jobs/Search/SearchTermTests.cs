using System.Text.Json.Nodes;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Search;

public sealed class SearchTermTests
{
    [Theory]
    [InlineData("""{"customer":{"id":42}}""", "42")]
    [InlineData("""{"customer":{"id":42.0}}""", "42")]
    [InlineData("""{"customer":{"id":"42"}}""", "42")]
    [InlineData("""{"customer":{"id":true}}""", "true")]
    [InlineData("""{"customer":{"id":9007199254740993}}""", "9007199254740993")]
    [InlineData("""{"customer":[{"id":1},{"id":2},{"id":1}]}""", "1", "2")]
    [InlineData("""{"customer":{"id":["a",["b"]]}}""", "a", "b")]
    [InlineData("""{"customer":{"id":null}}""")]
    [InlineData("""{"customer":{"id":{"x":1}}}""")]
    [InlineData("""{"customer":7}""")]
    [InlineData("""[1]""")]
    public void Values_under_a_path_are_strings_numbers_and_truth_values(string args, params string[] values) =>
        Assert.Equal(values, ArgumentValues.Of(System.Text.Encoding.UTF8.GetBytes(args), "customer.id"));

    [Fact]
    public void Only_declared_paths_that_are_no_secret_are_kept()
    {
        var task = Task() with { SearchArgs = ["a", "secret.b", "long"], SecretArgs = ["/secret"] };
        var terms = SearchTerms.Of(task, System.Text.Encoding.UTF8.GetBytes($$"""{"a":1,"x":2,"secret":{"b":3},"long":"{{new string('x', 201)}}"}"""));
        Assert.Equal([new("a", "1")], terms);
        Assert.True(SearchTerms.IsSecret(task, "secret.b.c"));
        Assert.False(SearchTerms.IsSecret(task, "secrets"));
    }

    [Theory]
    [InlineData("/a/*/b", "a.b")]
    [InlineData("/a/*/b", "a.x.b.c")]
    [InlineData("/creds/*/password", "creds.db.password")]
    [InlineData("/tokens/0", "tokens")]
    [InlineData("/tokens/0", "tokens.0")]
    [InlineData("/tokens/*", "tokens")]
    [InlineData("/tokens/*/*", "tokens")]
    [InlineData("/*/0/b", "x.b")]
    [InlineData("/a~1b/c", "a/b.c")]
    [InlineData("", "a")]
    public void A_path_that_may_come_to_a_secret_is_one_itself(string secret, string path) => Assert.True(SearchTerms.IsSecret(Task() with { SecretArgs = [secret] }, path));

    [Theory]
    [InlineData("/a/*/b", "a")]
    [InlineData("/a/*/b", "a.x.c")]
    [InlineData("/a/*/b", "b")]
    [InlineData("/tokens/0", "token")]
    [InlineData("/a/b", "a")]
    public void Paths_beside_a_secret_are_searched(string secret, string path) => Assert.False(SearchTerms.IsSecret(Task() with { SecretArgs = [secret] }, path));

    private static TaskDescriptor Task() => new() { Name = "t", ArgsSchema = new JsonObject(), Runner = new NoRunner() };

    private sealed class NoRunner : ITaskRunner
    {
        public Refusal? Check(ReadOnlyMemory<byte> args) => null;

        public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
        {
            (canonical, refusal) = (args, null);
            return true;
        }

        public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => new(args);
    }
}
