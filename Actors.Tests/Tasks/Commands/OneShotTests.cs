using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;

namespace ActorPerf.Tests.Tasks.Commands;

public sealed class OneShotTests
{
    [Fact]
    public async Task Arguments_come_on_standard_input_and_the_result_goes_out_on_standard_output()
    {
        await using var bench = CommandBench.Shell("cat");
        Assert.Equal("""{"n": [1, 2.50], "é": "ü"}""", await bench.RunAsync("""{"n": [1, 2.50], "é": "ü"}"""));
    }

    [Fact]
    public async Task Nothing_on_standard_output_is_null_and_line_ends_of_a_result_are_taken_out()
    {
        await using var bench = CommandBench.Shell("exit 0");
        Assert.Equal("null", await bench.RunAsync());
        bench.Write("script.sh", "printf '{\\n \"a\": 1.0,\\n \"b\": \"x\"\\n}\\n'");
        Assert.Equal("""{"a":1.0,"b":"x"}""", await bench.RunAsync());
    }

    [Fact]
    public async Task What_is_no_JSON_is_a_bad_result_that_no_further_attempt_mends()
    {
        await using var bench = CommandBench.Shell("echo hello world");
        var error = await bench.FailAsync();
        Assert.Equal(("bad-result", false), (error.Type is "TaskFaultException" ? "bad-result" : error.Type, error.Retryable));
        Assert.Contains("hello world", error.Message, StringComparison.Ordinal);
    }
}
