using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Shipped;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Tasks;

public sealed class ShippedTasksTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("""{"n":12}""", "144")]
    [InlineData("""{"n":-9223372036854775808}""", "85070591730234615865843651857942052864")]
    public async Task Square_never_overflows(string args, string result) => Assert.Equal(result, await Run<SquareTask>(args));

    [Fact]
    public async Task Square_takes_its_delay()
    {
        var running = Run<SquareTask>("""{"n":12,"delay":"5s"}""");
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("144", await running);
    }

    [Fact]
    public async Task Sleep_holds_no_thread_and_follows_its_token()
    {
        using var cancellation = new CancellationTokenSource();
        var running = Run<SleepTask>("""{"duration":"3s"}""", ct: cancellation.Token);
        Assert.Equal(TimeSpan.FromSeconds(3), _time.UntilNextTimer);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(10, 4)]
    [InlineData(20_000, 2262)]
    [InlineData(10_000_000, 664_579)]
    public async Task Primes_below_a_limit_are_counted(int limit, int count) =>
        Assert.Equal($"{count}", await Run<PrimesTask>($$"""{"limit":{{limit}}}"""));

    [Fact]
    public async Task Primes_agree_with_division_up_to_two_thousand()
    {
        var count = 0;
        for (var limit = 0; limit <= 2_000; limit++)
        {
            Assert.Equal($"{count}", await Run<PrimesTask>($$"""{"limit":{{limit}}}"""));
            if (limit > 1 && Enumerable.Range(2, Math.Max(0, (int)Math.Sqrt(limit) - 1)).All(divisor => limit % divisor != 0)) count++;
        }
    }

    [Fact]
    public async Task Primes_follow_their_token() => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => Run<PrimesTask>("""{"limit":10000000}""", ct: new CancellationToken(canceled: true)));

    [Fact]
    public async Task Fail_fails_the_first_attempts()
    {
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => Run<FailTask>("""{"times":1,"message":"no"}"""))).Message);
        Assert.Equal("2", await Run<FailTask>("""{"times":1}""", attempt: 2));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run<FailTask>("{}", attempt: 1_000));
    }

    [Fact]
    public async Task Progress_reports_every_step()
    {
        var context = A.Context("progress", time: _time);
        var running = Run<ProgressTask>("""{"steps":4,"delay":"1s"}""", context: context);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Reached(() => context.Latest?.Percent == 25);
        Assert.Equal("step 1 of 4", context.Latest?.Message);
        while (!running.IsCompleted) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("4", await running);
        Assert.Equal(100, context.Latest?.Percent);
        Assert.Equal("4 steps done", Assert.Single(context.Lines).Text);
    }

    [Theory]
    [InlineData(typeof(SquareTask), """{"n":1,"delay":"2h"}""")]
    [InlineData(typeof(SleepTask), """{"duration":"2d"}""")]
    [InlineData(typeof(PrimesTask), """{"limit":10000001}""")]
    [InlineData(typeof(PrimesTask), """{"limit":-1}""")]
    [InlineData(typeof(FailTask), """{"times":-1}""")]
    [InlineData(typeof(FailTask), """{"message":null}""")]
    [InlineData(typeof(ProgressTask), """{"steps":0,"delay":"1s"}""")]
    [InlineData(typeof(ProgressTask), """{"steps":3}""")]
    public void Arguments_have_limits(Type task, string args) => Assert.Equal("invalid-args", A.Task(task).Runner.Check(Encoding.UTF8.GetBytes(args))?.Code);

    private async Task<string> Run<TTask>(string args, int attempt = 1, TaskContext? context = null, CancellationToken ct = default)
        where TTask : class
    {
        var task = A.Task<TTask>(_time);
        Assert.Null(task.Runner.Check(Encoding.UTF8.GetBytes(args)));
        var result = await task.Runner.RunAsync(Encoding.UTF8.GetBytes(args), context ?? A.Context(task.Name, attempt, _time), ct);
        return Encoding.UTF8.GetString(result.Span);
    }

    private static async Task Reached(Func<bool> condition)
    {
        while (!condition()) await Task.Yield();
    }
}
