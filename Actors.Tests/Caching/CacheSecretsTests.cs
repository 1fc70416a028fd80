using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Caching;

/// <summary>Secret arguments in what the cache says of failures.</summary>
public sealed class CacheSecretsTests
{
    private const string Token = "s3cret-of-a";

    public sealed record QuoteArgs(int N, [property: Secret, CacheIgnore] string Token);

    /// <summary>Ends the computation.</summary>
    public sealed class Gate
    {
        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [ComputeTask("quote")]
    public sealed class QuoteTask(Gate gate) : IComputeTask<QuoteArgs, int>
    {
        public async ValueTask<int> RunAsync(QuoteArgs args, TaskContext context, CancellationToken ct)
        {
            context.Progress(1, $"with {args.Token}");
            await gate.Opened.Task;
            context.Log($"asked with {args.Token}");
            throw new InvalidOperationException($"401 for {args.Token}");
        }
    }

    [Fact]
    public async Task An_entry_says_why_its_refresh_failed_without_the_secrets_it_ran_with()
    {
        await using var world = await CacheWorld.Start();
        world.Add("secretive", new Memoization(TimeSpan.FromSeconds(100), StaleIfError: TimeSpan.FromSeconds(200)), secrets: ["/token"]);
        const string args = $$"""{"token":"{{Token}}"}""";
        var asked = world.Ask(args, "secretive");
        (await world.NextRun()).Return("1");
        await asked;
        world.Time.Advance(TimeSpan.FromSeconds(101));
        asked = world.Ask(args, "secretive");
        (await world.NextRun()).Throw(new InvalidOperationException($"401 for token {Token}"));
        Assert.Equal("401 for token •••", CacheWorld.Found(await asked).LastError?.Message);
        Assert.Equal("401 for token •••", Assert.Single(world.Compute.Entries(Namespace.Default, null, 10, null).Items).LastError?.Message);
        Assert.Equal("401 for token •••", CacheWorld.Found(await world.Ask(args, "secretive")).LastError?.Message);
    }

    [Fact]
    public async Task Who_joins_a_computation_hears_nothing_of_the_secrets_of_who_started_it()
    {
        var gate = new Gate();
        var task = A.Task<QuoteTask>(configure: services => services.AddSingleton(gate)) with { Memoize = new Memoization(CacheWorld.Life) };
        await using var world = await CacheWorld.Start(more: [task]);
        var first = world.Ask($$"""{"n":1,"token":"{{Token}}"}""", "quote");
        await Eventually.Is(() => world.Pool.Meter.Read().Busy == 1, "it runs");
        var other = """{"n":1,"token":"s3cret-of-b"}"""u8.ToArray();
        Assert.True(task.Runner.TryCanonicalize(other, out var canonical, out _));
        var key = new CacheKey(Namespace.Default, "quote", 1, canonical);
        var (dispatcher, context) = (new Probe(world.System), A.Context("quote"));
        world.Shards.ActorOf(key).Tell(new CacheCommand.RunJob(key, new Attempt(task, other, context, "job", default), world.Pool.Gate, dispatcher.Ref), dispatcher.Ref);
        var second = world.Ask(Encoding.UTF8.GetString(other), "quote");
        await Eventually.Is(() => world.Totals.Joined == 2, "both have joined");
        gate.Opened.SetResult();
        Assert.Equal("401 for •••", Assert.IsType<ComputeOutcome.Failed>(await second).Error.Message);
        Assert.Equal("401 for •••", Assert.IsType<ComputeOutcome.Failed>(await first).Error.Message);
        var ended = await dispatcher.Next<CacheReply.Ended>();
        Assert.Equal("401 for •••", Assert.IsType<AttemptOutcome.Failed>(ended.Attempt.Outcome).Error.Message);
        Assert.Equal(("asked with •••", "with •••"), (Assert.Single(context.Lines).Text, context.Latest?.Message));
    }
}
