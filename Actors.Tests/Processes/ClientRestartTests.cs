using System.Text;
using ActorPerf.Client;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Processes;

/// <summary>A .NET program that uses <see cref="IJobs"/> over HTTP while the node is killed with -9 and started again under it.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class ClientRestartTests
{
    private const int Jobs = 60;

    [FullFact]
    public async Task Submits_waits_and_follows_go_on_over_a_kill_and_no_job_is_lost_or_doubled()
    {
        await using var node = await NodeProcess.StartAsync(NodeProcess.Pools + NodeProcess.Tasks);
        await using var services = new ServiceCollection()
            .AddActorPerfClient(new ClientOptions { Address = new Uri(node.Url), Retries = 400, LongestPause = TimeSpan.FromMilliseconds(500) }).BuildServiceProvider();
        var jobs = services.GetRequiredService<IJobs>();
        var ct = TestContext.Current.CancellationToken;

        var before = await jobs.SubmitAsync(Of("stuck-once", "{}"), ct);
        await node.Api.ReachesAsync($"{Id(before)}", "running");
        var waiting = jobs.WaitFinishedAsync(Namespace.Default, Id(before), TimeSpan.FromSeconds(90), ct).AsTask();
        var submitting = Enumerable.Range(0, Jobs).Select(async i =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20 * i), ct);
            return Id(await jobs.SubmitAsync(Square(i), ct));
        }).ToArray();
        await submitting[Jobs / 4];
        await node.KillAsync();
        await node.StartAsync();

        var ids = await Task.WhenAll(submitting);
        Assert.Equal(Jobs, ids.Distinct().Count());
        var done = await jobs.WaitManyAsync(Namespace.Default, ids, all: true, TimeSpan.FromSeconds(90), ct);
        Assert.Empty(done.Pending);
        Assert.All(done.Done, job => Assert.Equal(JobState.Succeeded, job.Row.State));
        var lost = await waiting;
        Assert.Equal((JobState.Succeeded, 2, 1), (lost!.Row.State, lost.Row.Attempt, lost.Row.Crashes));
        Assert.Equal(Jobs + 1, (await jobs.CountsAsync(Namespace.Default, ct)).Sum(count => count.Count));
        await node.VerifyAsync();
    }

    private static Submission Square(int n) => Of("square", $$"""{"n":{{n}}}""");

    private static Submission Of(string task, string args) => new() { Namespace = Namespace.Default, Task = task, Args = Encoding.UTF8.GetBytes(args) };

    private static JobId Id(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted accepted => accepted.Job.Row.Id,
        SubmitOutcome.Deduplicated same => same.Job.Row.Id,
        SubmitOutcome.Replayed same => same.Job.Row.Id,
        _ => throw new InvalidOperationException($"{outcome} names no job."),
    };
}
