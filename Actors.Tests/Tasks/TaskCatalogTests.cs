using ActorPerf.Tasks;
using ActorPerf.Tasks.Shipped;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Tasks;

public sealed class TaskCatalogTests
{
    private abstract class Bare
    {
        [ComputeTask("Bad Name")]
        public sealed class BadName : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        [ComputeTask("no-interface")]
        public sealed class NoInterface;

        [ComputeTask("bad-timeout", Timeout = "60d")]
        public sealed class BadTimeout : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        [ComputeTask("bad-life", Memoize = "five")]
        public sealed class BadLife : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        [ComputeTask("remembered", Memoize = "1h", StaleWhileRevalidate = "1m", StaleIfError = "2m", Eager = 0.5, Negative = "3s", SoftTimeout = "4s", HardTimeout = "5s",
            ErrorBackoff = "6s", ErrorThrottle = "7s", Jitter = 0.25, Store = true, Tags = ["a"])]
        public sealed class Remembered : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        [ComputeTask("bad-jitter", Memoize = "1h", Jitter = 1.5)]
        public sealed class BadJitter : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        [ComputeTask("square")]
        public sealed class OtherSquare : IComputeTask<NoArgs, int>
        {
            public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(1);
        }

        public sealed record Twins([property: System.Text.Json.Serialization.JsonPropertyName("n")] int First, [property: System.Text.Json.Serialization.JsonPropertyName("n")] int Second);

        [ComputeTask("twins")]
        public sealed class TwinsTask : IComputeTask<Twins, int>
        {
            public ValueTask<int> RunAsync(Twins args, TaskContext context, CancellationToken ct) => new(1);
        }
    }

    [Fact]
    public void The_tasks_that_ship_are_found_in_order_of_name()
    {
        var catalog = Catalog();
        Assert.Equal(
            ["demo-cart", "demo-counter", "demo-fetch", "demo-find", "demo-first", "demo-load", "demo-messages", "demo-page", "fail", "fetch", "operation", "primes", "progress", "sleep", "square"],
            catalog.All.Select(task => task.Name));
        Assert.True(catalog.TryGet("square", out var square));
        Assert.Equal(TimeSpan.FromMinutes(5), square.Memoize?.Duration);
        Assert.Equal(["default", "io", "operations", "cpu", "default", "io", "default"], catalog.All.Skip(8).Select(task => task.Queue));
        Assert.All(catalog.All.Take(8), task => Assert.Equal("io", task.Queue));
        Assert.All(catalog.All, task => Assert.NotEmpty(task.Summary));
    }

    [Fact]
    public void An_unknown_task_is_refused_with_the_nearest_name()
    {
        var refusal = Catalog().Unknown("sqare");
        Assert.Equal("unknown-task", refusal.Code);
        Assert.Contains("did you mean 'square'?", refusal.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean", Catalog().Unknown("zzzzzzzzzz").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Attribute_and_call_say_all_that_the_configuration_can()
    {
        static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
        var said = A.Task(typeof(Bare.Remembered)).Memoize!;
        Assert.Equal(["a"], said.Tags!);
        Assert.Equal(
            new Memoization(TimeSpan.FromHours(1), Seconds(60), Seconds(120), 0.5)
            {
                Negative = Seconds(3), SoftTimeout = Seconds(4), HardTimeout = Seconds(5), ErrorBackoff = Seconds(6), ErrorThrottle = Seconds(7), Jitter = 0.25, Store = true,
            },
            said with { Tags = null });

        var chosen = new Memoization(Seconds(1)).With(new CacheChoice { Duration = Seconds(10), ErrorBackoff = Seconds(2), ErrorThrottle = Seconds(3), Jitter = 0, Resilient = true });
        Assert.Equal(
            new Memoization(Seconds(10), Seconds(100), Seconds(100)) { ErrorBackoff = Seconds(2), ErrorThrottle = Seconds(3), Jitter = 0 }, chosen);
    }

    [Fact]
    public void Configuration_wins_over_the_attribute()
    {
        var catalog = Catalog(("square:memoize", "1m"), ("square:queue", "slow"), ("square:timeout", "10m"), ("square:max-attempts", "3"),
            ("primes:memoize:duration", "1h"), ("primes:memoize:stale-while-revalidate", "10m"), ("primes:memoize:tags:0", "numbers"), ("sleep:summary", "zzz"));
        Assert.True(catalog.TryGet("square", out var square));
        Assert.Equal((TimeSpan.FromMinutes(1), "slow", TimeSpan.FromMinutes(10), 3), (square.Memoize!.Duration, square.Queue, square.Timeout, square.MaxAttempts));
        Assert.True(catalog.TryGet("primes", out var primes));
        Assert.Equal(TimeSpan.FromMinutes(10), primes.Memoize!.StaleWhileRevalidate);
        Assert.Equal(["numbers"], primes.Memoize.Tags!);
        Assert.True(catalog.TryGet("sleep", out var sleep));
        Assert.Equal("zzz", sleep.Summary);
        Assert.True(Catalog(("square:memoize", "0s")).TryGet("square", out var plain));
        Assert.Null(plain.Memoize);
    }

    [Fact]
    public void A_task_memoised_without_saying_how_long_takes_the_nodes_duration()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("actorperf:tasks:primes:memoize", (string?)"on")]).Build();
        var catalog = new ServiceCollection()
            .AddTaskCatalog(_ => TaskOptions.ReadAll(configuration), TimeSpan.FromMinutes(9))
            .BuildServiceProvider().GetRequiredService<ITaskCatalog>();
        Assert.True(catalog.TryGet("primes", out var primes));
        Assert.Equal(TimeSpan.FromMinutes(9), primes.Memoize?.Duration);
        Assert.True(catalog.TryGet("square", out var square));
        Assert.Equal(TimeSpan.FromMinutes(5), square.Memoize?.Duration);
    }

    [Theory]
    [InlineData("square:memoise", "1m", "did you mean 'memoize'?")]
    [InlineData("square:memoize", "soon", "actorperf.tasks.square.memoize = 'soon' must be a duration")]
    [InlineData("square:timeout", "0s", "must be a duration from 1ms to 30d")]
    [InlineData("square:max-attempts", "0", "from 1 to 1000")]
    [InlineData("square:queue", "Slow Queue", "1 to 64 of a-z 0-9 . _ -")]
    [InlineData("square:memoize:eager", "0.9", "duration")]
    [InlineData("sqare:timeout", "1s", "did you mean 'square'?")]
    public void A_faulty_override_is_refused_with_its_path(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<TaskSetupException>(() => Catalog((key, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(Bare.BadName), "1 to 64 of a-z")]
    [InlineData(typeof(Bare.NoInterface), "exactly once")]
    [InlineData(typeof(TaskCatalogTests), "[ComputeTask")]
    public void A_class_that_is_no_task_is_refused(Type type, string message) =>
        Assert.Contains(message, Assert.Throws<TaskSetupException>(() => TaskRegistration.From(type)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(Bare.BadLife), "Memoize = \"five\" is no duration")]
    [InlineData(typeof(Bare.BadTimeout), "Timeout = \"60d\" must be 1 ms to 30 days")]
    [InlineData(typeof(Bare.TwinsTask), "have no JSON form")]
    [InlineData(typeof(Bare.BadJitter), "Jitter = 1.5 must be a share from 0 to 1")]
    public void A_task_that_cannot_be_set_up_is_refused(Type type, string message) =>
        Assert.Contains(message, Assert.Throws<TaskSetupException>(() => A.Task(type)).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_tasks_of_one_name_are_refused()
    {
        var scopes = new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
        var square = TaskRegistration.From(typeof(SquareTask));
        var fault = Assert.Throws<TaskSetupException>(() =>
            TaskCatalog.Create([square, TaskRegistration.From(typeof(Bare.OtherSquare))], new Dictionary<string, TaskOptions>(), scopes));
        Assert.Contains("Two tasks are named 'square'", fault.Message, StringComparison.Ordinal);
        Assert.Single(TaskCatalog.Create([square, square], new Dictionary<string, TaskOptions>(), scopes).All);
    }

    private static ITaskCatalog Catalog(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"actorperf:tasks:{setting.Key}", (string?)setting.Value))).Build();
        return new ServiceCollection().AddTaskCatalog(_ => TaskOptions.ReadAll(configuration))
            .BuildServiceProvider().GetRequiredService<ITaskCatalog>();
    }
}
