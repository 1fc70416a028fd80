using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Places in the line: what a node's end costs no job, and what moves one.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task A_job_whose_node_was_lost_or_stopped_keeps_its_place_in_the_line()
    {
        var (lost, drained, third, fourth) = (Row(), Row(), Row(), Row());
        foreach (var row in new[] { lost, drained, third, fourth })
        {
            await SubmitAsync(row);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var taken = (await ClaimAsync(2)).Taken;
        await ChangeAsync(taken[1], new JobCommand.HandBack(taken[1].Row.Run!.Value), null);
        await PostAsync(new JobWrite.Reap([NodeB], 10));

        // The back-off holds: nobody starts the lost one before it is over.
        Assert.Equal([drained.Id, third.Id], Ids(await ClaimAsync(2)));
        foreach (var job in await Store.ReadManyAsync(Namespace.Default, [drained.Id, third.Id], default))
            await ChangeAsync(job!, new JobCommand.HandBack(job!.Row.Run!.Value), null);
        _time.Advance(TimeSpan.FromSeconds(2));
        await PostAsync(new JobWrite.Sweep(100));

        var first = (await ReadAsync(lost.Id))!;
        Assert.Equal((0, 1), (await Store.CountBeforeAsync(first.Row, 100, default), await Store.CountBeforeAsync((await ReadAsync(drained.Id))!.Row, 100, default)));
        Assert.Equal(first.Row.CreatedAt, first.Row.LineAt);
        Assert.True(first.Row.RunAt > first.Row.CreatedAt, "it could not start before its back-off was over");
        await CleanAsync();
        Assert.Equal([lost.Id, drained.Id, third.Id, fourth.Id], Ids(await ClaimAsync(9)));
    }

    [Fact]
    public async Task A_kept_place_is_moved_by_priority_and_lost_to_a_failure_a_snooze_and_another_start_time()
    {
        var (kept, raised, failed, snoozed, moved, other) = (Row(), Row(), Row(), Row(), Row(), Row());
        foreach (var row in new[] { kept, raised, failed, snoozed, moved, other }) await SubmitAsync(row);
        foreach (var job in (await ClaimAsync(5)).Taken) await ChangeAsync(job, new JobCommand.HandBack(job.Row.Run!.Value), null);
        await ChangeAsync(raised.Id, new JobCommand.Edit(6, null, null, null));
        await ChangeAsync(moved.Id, new JobCommand.Edit(null, null, _time.GetUtcNow().AddMilliseconds(1), null));
        var again = (await ClaimAsync(4)).Taken.ToDictionary(job => job.Row.Id);
        Assert.Equal(new[] { kept.Id, raised.Id, failed.Id, snoozed.Id }.ToHashSet(), again.Keys.ToHashSet());
        await ChangeAsync(again[failed.Id], new JobCommand.Fail(again[failed.Id].Row.Run!.Value, new TaskError("x", "y"), 0), null);
        await ChangeAsync(again[snoozed.Id], new JobCommand.Snooze(again[snoozed.Id].Row.Run!.Value, TimeSpan.FromMilliseconds(2)), null);
        foreach (var id in new[] { kept.Id, raised.Id }) await ChangeAsync(again[id], new JobCommand.HandBack(again[id].Row.Run!.Value), null);
        _time.Advance(TimeSpan.FromSeconds(2));
        await PostAsync(new JobWrite.Sweep(100));
        await CleanAsync();
        Assert.Equal([raised.Id, kept.Id, other.Id, moved.Id, snoozed.Id, failed.Id], Ids(await ClaimAsync(9)));
    }

    [Fact]
    public async Task A_lost_job_that_is_asked_to_run_now_goes_to_the_place_it_had()
    {
        var (lost, other) = (Row(), Row());
        await SubmitAsync(lost);
        await ClaimAsync(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SubmitAsync(other);
        await PostAsync(new JobWrite.Reap([NodeB], 10));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        await ChangeAsync(lost.Id, new JobCommand.RunNow());
        Assert.Equal([lost.Id, other.Id], Ids(await ClaimAsync(9)));
        await CleanAsync();
    }
}
