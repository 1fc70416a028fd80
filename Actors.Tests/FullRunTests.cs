namespace ActorPerf.Tests;

public sealed class FullRunTests
{
    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_variable_selects_the_full_run(string? value, bool full) => Assert.Equal(full, FullRun.Reason(value) is null);

    [Fact]
    public void A_skip_names_the_command_that_enables_it() =>
        Assert.Equal("set ACTORPERF_TEST_FULL=1 (or run .ci/run)", FullRun.Reason(null));

    [FullFact]
    public void A_full_run_runs_the_facts_of_the_full_run() =>
        Assert.Null(FullRun.Reason(Environment.GetEnvironmentVariable(FullRun.Variable)));
}
