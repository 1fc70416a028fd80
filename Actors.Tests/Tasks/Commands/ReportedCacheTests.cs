using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>What programs decide of their results in the cache.</summary>
public sealed class ReportedCacheTests
{
    [Fact]
    public void Every_member_is_taken_and_the_last_word_on_each_counts()
    {
        var context = A.Context("run");
        Assert.True(Apply("""{"duration": "10m", "staleWhileRevalidate": 60, "tags": ["a", "b"], "later": 1}""", context));
        Assert.True(Apply("""{"duration": 5, "staleIfError": "1h", "tags": ["b", "c"]}""", context));
        var choice = context.Cache.Choice!;
        Assert.Equal(
            (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), false),
            (choice.Duration!.Value, choice.StaleWhileRevalidate!.Value, choice.StaleIfError!.Value, choice.DoNotStore));
        Assert.Equal(["a", "b", "c"], choice.Tags);
        Assert.True(Apply("""{"doNotStore": true}""", context));
        Assert.True(context.Cache.Choice!.DoNotStore);
        Assert.Empty(context.Lines);
    }

    [Theory]
    [InlineData("""{"duration": "soon"}""", "'duration' is \"soon\" and should be a duration")]
    [InlineData("""{"duration": "10m", "staleIfError": -1}""", "'staleIfError' is -1")]
    [InlineData("""{"tags": "a"}""", "'tags' is \"a\" and should be a list of at most 16 texts of 1 to 256 characters")]
    [InlineData("""{"tags": ["a", 1]}""", "'tags' is")]
    [InlineData("""{"tags": [""]}""", "'tags' is")]
    [InlineData("""{"doNotStore": "yes"}""", "'doNotStore' is \"yes\" and should be true or false")]
    [InlineData("""{"tags": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"]}""", "'tags' are more than 16 in all")]
    public void What_cannot_be_read_is_told_and_the_result_is_not_kept(string decision, string told)
    {
        var context = A.Context("run");
        context.Cache.Tag("one before");
        Assert.True(Apply(decision, context));
        Assert.True(context.Cache.Choice!.DoNotStore);
        var line = Assert.Single(context.Lines);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains(told, line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hit\"")]
    [InlineData("""{"hits": 3}""")]
    [InlineData("null")]
    public void A_log_line_that_has_a_member_of_that_name_is_still_a_log_line(string cache)
    {
        var context = A.Context("run");
        new ErrorLines().Add(Encoding.UTF8.GetBytes($$"""{"message": "asked", "cache": {{cache}}}"""), cut: false, context);
        Assert.Equal("asked", Assert.Single(context.Lines).Text);
        Assert.Null(context.Cache.Choice);
    }

    [Fact]
    public async Task A_process_of_one_call_says_so_on_standard_error()
    {
        await using var bench = CommandBench.Shell("""
            echo '{"cache": {"duration": "10m", "tags": ["a"]}}' >&2
            echo 1
            """);
        var context = A.Context("run");
        await bench.RunAsync(context: context);
        Assert.Equal(TimeSpan.FromMinutes(10), context.Cache.Choice!.Duration);
        Assert.Empty(context.Lines);
    }

    [Fact]
    public void A_worker_says_so_in_a_line_of_its_call()
    {
        var (id, line) = WorkerLines.Read("""{"id":"a","cache":{"doNotStore":true}}"""u8);
        var context = A.Context("run");
        Assert.Equal("a", id);
        ReportedMembers.Apply(Assert.IsType<WorkerLine.Report>(line).Members, context);
        Assert.True(context.Cache.Choice!.DoNotStore);
    }

    private static bool Apply(string decision, TaskContext context)
    {
        using var document = JsonDocument.Parse(decision);
        return ReportedCache.Apply(document.RootElement, context);
    }
}
