using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Jobs.Model;

/// <summary>Random sequences of everything that can happen to jobs, against a model of its own: through the rules alone, the store in memory, and SQLite.
/// A failure names its seed; <c>ACTORPERF_SEED</c> repeats that one alone.</summary>
[Trait("Kind", "Simulation")]
public sealed class JobModelTests
{
    [Fact]
    public void The_rules_do_what_the_model_does() => Rules(1, 100);

    [FullFact]
    public void The_rules_do_what_the_model_does_under_thousands_of_seeds() => Rules(1, 10_000);

    [Fact]
    public Task The_store_in_memory_does_what_the_model_does() => EachAsync(1, 20, Memory);

    [FullFact]
    public Task The_store_in_memory_does_what_the_model_does_under_many_seeds() => EachAsync(1_000, 1_000, Memory);

    [Fact]
    public Task Sqlite_does_what_the_model_does() => EachAsync(1, 6, SqliteAsync);

    [FullFact]
    public Task Sqlite_does_what_the_model_does_under_many_seeds() => EachAsync(10_000, 200, SqliteAsync);

    private static async Task Memory(int seed)
    {
        await using var run = new ModelRun(seed, (time, random) => new MemoryStorage(time, random), reopens: false);
        await run.GoAsync(120);
    }

    private static async Task SqliteAsync(int seed)
    {
        using var folder = new TestFolder(inMemory: true);
        await using var run = new ModelRun(seed, (time, random) => SqliteStorage.Open($"Data Source={folder.Path("jobs.db")}", time, random, _ => { }), reopens: true);
        await run.GoAsync(100);
    }

    private static async Task EachAsync(int first, int count, Func<int, Task> scenario)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("ACTORPERF_SEED"), CultureInfo.InvariantCulture, out var only)) (first, count) = (only, 1);
        for (var seed = first; seed < first + count; seed++) await scenario(seed);
    }

    private static void Rules(int first, int count)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("ACTORPERF_SEED"), CultureInfo.InvariantCulture, out var only)) (first, count) = (only, 1);
        for (var seed = first; seed < first + count; seed++) Walk(seed);
    }

    /// <summary>One job and whatever may be asked of it.</summary>
    private static void Walk(int seed)
    {
        var random = new Random(seed);
        var now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var row = new JobRow
        {
            Id = new JobId(Guid.NewGuid()), Namespace = Namespace.Default, Task = "t", Queue = "q", MaxAttempts = random.Next(1, 4), RunAt = now.AddSeconds(random.Next(-1, 3)),
            ExpiresAt = random.Next(4) == 0 ? now.AddSeconds(random.Next(1, 40)) : null, WhenLost = random.Next(4) == 0 ? WhenLost.Fail : default,
            Backoff = new BackoffPolicy(TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(4)),
        };
        row = row with { State = JobRules.Initial(row.RunAt, now, waits: random.Next(4) == 0) };
        var model = new ModelJob(row);
        model.Become(row.State);
        var runs = new List<Run>();
        for (var step = 0; step < 80; step++)
        {
            now = now.AddMilliseconds(random.Next(3) == 0 ? random.Next(1, 3000) : 0);
            var run = row.Run is { } own && random.Next(4) > 0 ? own : runs.Count > 0 ? runs[random.Next(runs.Count)] : new Run(new Incarnation(Guid.NewGuid()), Guid.NewGuid(), 1);
            var command = Command(random, run, now);
            var decision = JobRules.Decide(row, command, now);
            var word = model.Ask(command, now);
            var told = decision switch { JobDecision.Moved => "moved", JobDecision.Unchanged => "same", JobDecision.Refused refused => refused.Refusal.Code, _ => "nothing" };
            var was = row;
            if (decision is JobDecision.Moved moved) row = moved.Next;
            if (row.Run is { } started && !runs.Contains(started)) runs.Add(started);
            var (wanted, found) = ($"{word} {Look(model)}", $"{told} {Look(row)}");
            Assert.True(wanted == found, $"seed {seed}, step {step}: {command} to {was.State} at {now:O}: the model says {wanted}, the rules {found}");
        }
    }

    private static string Look(ModelJob job) =>
        $"{job.State} v{job.Version} {job.Attempt} {job.Excused} {job.Crashes} {job.Run} {job.RunAt:O} {job.LineAt:O} {job.StartedAt:O} {job.FinishedAt:O} {job.Error} {job.Queue} {job.Priority}";

    private static string Look(JobRow job) =>
        $"{job.State} v{job.Version} {job.Attempt} {job.Excused} {job.Crashes} {job.Run} {job.RunAt:O} {job.LineAt:O} {job.StartedAt:O} {job.FinishedAt:O} {job.Error?.Type} {job.Queue} {job.Priority}";

    private static JobCommand Command(Random random, Run run, DateTimeOffset now) => random.Next(20) switch
    {
        0 => new JobCommand.Finish(run, false),
        1 or 2 => new JobCommand.Fail(run, new TaskError("e", "m", random.Next(8) > 0) { RetryAfter = random.Next(6) == 0 ? TimeSpan.FromSeconds(3) : null }, random.Next(2)),
        3 => new JobCommand.Snooze(run, TimeSpan.FromSeconds(random.Next(3))),
        4 => new JobCommand.Park(run),
        5 => new JobCommand.Stop(run),
        6 => new JobCommand.HandBack(run),
        7 => new JobCommand.Lose(run, random.Next(2)),
        8 => random.Next(3) == 0 ? new JobCommand.Cancel() : new JobCommand.Expire(),
        9 => new JobCommand.RunNow(),
        10 => new JobCommand.Edit(random.Next(2) == 0 ? random.Next(10) : null, null, random.Next(2) == 0 ? now.AddSeconds(random.Next(-2, 3)) : null, null) { IfVersion = random.Next(3) == 0 ? [random.Next(1, 8)] : null },
        11 => new JobCommand.Unhold(random.Next(4) switch { 0 => JobState.Cancelled, 1 => JobState.Failed, _ => JobState.Queued }, null),
        12 => random.Next(8) == 0 ? new JobCommand.Supersede(new JobId(Guid.NewGuid())) : new JobCommand.Release(),
        13 or 14 => new JobCommand.Release(),
        _ => new JobCommand.Claim(new Incarnation(Guid.NewGuid()), Guid.NewGuid(), "n"),
    };
}
