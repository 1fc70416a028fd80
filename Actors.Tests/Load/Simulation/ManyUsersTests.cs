using ActorPerf.Load;

namespace ActorPerf.Tests.Load.Simulation;

/// <summary>A thousand users for a minute come as fast as was said, and wait as long as was said.</summary>
[Trait("Kind", "Simulation")]
public sealed class ManyUsersTests
{
    private const int Users = 1_000;
    private const int SpawnRate = 50;

    /// <summary>Waits of each user that are surely over when the run ends: none is left out for being long.</summary>
    private const int Waits = 7;

    [Fact]
    public void A_thousand_users_keep_their_spawn_rate_and_their_waits()
    {
        var starts = new List<double>[Users];
        using var world = new LoadWorld(LoadWorld.Scenario("between(1s, 5s)", async (session, ct) =>
        {
            (starts[session.User] ??= []).Add((session.Time.GetUtcNow() - Noon).TotalSeconds);
            await session.GetAsync("/", ct: ct);
        }));
        world.Server.Latency = static (_, _) => TimeSpan.FromMilliseconds(20);
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Closed(Users, SpawnRate), TimeSpan.FromSeconds(60)));

        for (var user = 0; user < Users; user++) Assert.InRange(starts[user][0], (double)user / SpawnRate - 0.001, (double)user / SpawnRate + 0.002);
        foreach (var point in result.Final.History.Take(20))
            Assert.InRange(point.Users, (int)(point.At.TotalSeconds * SpawnRate), (int)(point.At.TotalSeconds * SpawnRate) + 1);
        Assert.All(result.Final.History.Skip(21).Take(38), static point => Assert.Equal(Users, point.Users));

        var waits = starts.Where(static own => own[0] < 19).SelectMany(static own => own.Zip(own.Skip(1), static (from, to) => to - from - 0.020).Take(Waits)).Order().ToList();
        Assert.Equal(950 * Waits, waits.Count);
        Assert.InRange(waits[0], 1 - 0.001, 1.01);
        Assert.InRange(waits[^1], 4.99, 5 + 0.001);
        // Kolmogorov and Smirnov: the greatest distance from the uniform distribution, at the level of one in a hundred.
        var distance = waits.Select((wait, i) => Math.Max(Math.Abs((wait - 1) / 4 - (double)i / waits.Count), Math.Abs((wait - 1) / 4 - (i + 1.0) / waits.Count))).Max();
        Assert.InRange(distance, 0, 1.63 / Math.Sqrt(waits.Count));
        Assert.Equal(LoadState.Finished, result.Final.State);
        Assert.Equal(world.Server.Asked, result.Final.Total.Count);
    }

    [Fact]
    public void A_seed_repeats_every_choice_and_another_does_not()
    {
        var (first, again, other) = (Choices(7), Choices(7), Choices(8));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Tasks_and_users_come_by_their_weights()
    {
        LoadTask Task(string name, int weight) => new(name, weight, [], LoadWorld.GetAsync);
        var scenario = new LoadScenario("test", "",
        [
            new LoadUser("reader", 3, new LoadWait.Constant(TimeSpan.FromMilliseconds(100)), [Task("look", 9), Task("search", 1)]),
            new LoadUser("writer", 1, new LoadWait.Constant(TimeSpan.FromMilliseconds(100)), [Task("write", 1)]),
            new LoadUser("admin", 1, new LoadWait.Constant(TimeSpan.FromMilliseconds(100)), [Task("watch", 1)]) { FixedCount = 2 },
        ]);
        using var world = new LoadWorld(scenario);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(42, 1_000), TimeSpan.FromSeconds(60))).Final;
        var shares = final.Shares.ToDictionary(static share => share.Task);
        Assert.Equal(30.0 / 42 * 0.9, shares["look"].Planned, 6);
        Assert.Equal(10.0 / 42, shares["write"].Planned, 6);
        Assert.Equal(2.0 / 42, shares["watch"].Planned, 6);
        // Binomial: within four deviations.
        var of = shares["look"].Iterations + shares["search"].Iterations;
        Assert.InRange(shares["look"].Iterations, of * 0.9 - 4 * Math.Sqrt(of * 0.09), of * 0.9 + 4 * Math.Sqrt(of * 0.09));
        Assert.InRange(shares["write"].Actual, 10.0 / 42 - 0.01, 10.0 / 42 + 0.01);
    }

    private static DateTimeOffset Noon { get; } = new ActorPerf.TestKit.ManualTime().GetUtcNow();

    private static List<(int, double)> Choices(int seed)
    {
        var choices = new List<(int User, double Drawn)>();
        using var world = new LoadWorld(LoadWorld.Scenario("between(10ms, 90ms)", async (session, ct) =>
        {
            choices.Add((session.User, session.Random.NextDouble()));
            await session.GetAsync("/", ct: ct);
        }));
        world.Whole(LoadWorld.Plan(new LoadModel.Closed(5, 5), TimeSpan.FromSeconds(5)) with { Seed = seed });
        return [.. choices.OrderBy(static choice => choice.User)];
    }
}
