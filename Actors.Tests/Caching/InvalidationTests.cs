using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

public sealed class InvalidationTests
{
    public static TheoryData<string> Ways => ["all", "task", "call", "tags"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_was_invalidated_is_computed_again(string way)
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(What(way), default));
        await Eventually.Is(() => world.Totals is { Entries: 0, Bytes: 0 }, "its memory is free");
        Assert.Equal("2", CacheWorld.Text(await Computed(world, "2")));
        Assert.Equal("2", CacheWorld.Text(await world.Ask(task: "tagged")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_computation_that_began_before_never_counts_as_fresh(string way)
    {
        await using var world = await CacheWorld.Start();
        var early = world.Ask(task: "tagged");
        var run = await world.NextRun();
        Assert.Equal(new InvalidateOutcome.Done(0), await world.Compute.InvalidateAsync(What(way), default));
        var late = world.Ask(task: "tagged");
        run.Return("1");
        var answered = CacheWorld.Found(await early);
        Assert.Null(answered.Result.ExpiresAt); // answered, and not stored
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await late));
        Assert.Equal("2", CacheWorld.Text(await world.Ask(task: "tagged")));
        Assert.Equal(2, world.Started);
    }

    [Fact]
    public async Task Other_tasks_calls_and_tags_stay()
    {
        await using var world = await CacheWorld.Start();
        await Computed(world, "1");
        await world.Ask("""{"a":1}""", "quick");
        Assert.Equal(new InvalidateOutcome.Done(0), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), default));
        Assert.Equal(new InvalidateOutcome.Done(0), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "quick", "{}"u8.ToArray()), default));
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "quick"), default));
        Assert.Equal(CacheSource.Hit, CacheWorld.Found(await world.Ask(task: "tagged")).Source);
    }

    [Fact]
    public async Task A_command_that_names_nothing_or_too_much_is_refused()
    {
        await using var world = await CacheWorld.Start();
        Assert.Equal("invalid-request", await Code(new Invalidation(Namespace.Default)));
        Assert.Equal("invalid-request", await Code(new Invalidation(Namespace.Default, "held", All: true)));
        Assert.Equal("invalid-request", await Code(new Invalidation(Namespace.Default, Args: "{}"u8.ToArray())));
        Assert.Equal("unknown-task", await Code(new Invalidation(Namespace.Default, "nope")));

        async Task<string> Code(Invalidation what) =>
            Assert.IsType<InvalidateOutcome.Refused>(await world.Compute.InvalidateAsync(what, default)).Refusal.Code;
    }

    [Fact]
    public async Task Whoever_leaves_meanwhile_takes_nothing_of_it_along()
    {
        using var leaving = new CancellationTokenSource();
        var feed = new LeavingFeed(leaving);
        await using var world = await CacheWorld.Start(feed: feed);
        await Computed(world, "1");
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red", "blue"]), leaving.Token));
        Assert.Equal(2, feed.Told.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["red"]), leaving.Token));
        Assert.Equal(2, feed.Told.Count);
    }

    /// <summary>The caller leaves as soon as something was told.</summary>
    private sealed class LeavingFeed(CancellationTokenSource leaving) : IInvalidationFeed
    {
        public List<CacheInvalidation> Told { get; } = [];

        public long Position => 0;

        public async ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            Told.Add(what);
            await leaving.CancelAsync();
            return 1;
        }

        public void Attach(IInvalidationSink sink)
        {
        }
    }

    private static Invalidation What(string way) => way switch
    {
        "all" => new(Namespace.Default, All: true),
        "task" => new(Namespace.Default, "tagged"),
        "call" => new(Namespace.Default, "tagged", " { } "u8.ToArray()),
        _ => new(Namespace.Default, Tags: ["blue"]),
    };

    private static async Task<ComputeOutcome> Computed(CacheWorld world, string result)
    {
        var asked = world.Ask(task: "tagged");
        (await world.NextRun()).Return(result);
        return await asked;
    }
}
