using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Checkpoints, and results however they are kept.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task A_checkpoint_saved_in_mid_run_is_there_at_the_next_claim_and_nowhere_else()
    {
        var job = await RunningAsync();
        Assert.Null(job.Checkpoint);
        Assert.True(await SaveAsync(job, job.Row.Run!.Value, "{\"at\":1}"));
        Assert.True(await SaveAsync(job, job.Row.Run.Value, "{\"at\":2}"));
        var read = (await ReadAsync(job.Row.Id))!;
        Assert.Equal((job.Row.Version, job.Row.HistorySeq), (read.Row.Version, read.Row.HistorySeq));

        await ChangeAsync(job, new JobCommand.HandBack(job.Row.Run.Value), null);
        var again = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.Equal("{\"at\":2}", Encoding.UTF8.GetString(again.Checkpoint!.Value.Span));
        await CleanAsync();
    }

    [Fact]
    public async Task A_run_that_no_longer_owns_its_job_saves_nothing()
    {
        var job = await RunningAsync();
        var run = job.Row.Run!.Value;
        foreach (var other in new[] { run with { Owner = NodeB }, run with { Lease = Guid.NewGuid() }, run with { Attempt = 2 } })
            Assert.False(await SaveAsync(job, other, "1"));
        await ChangeAsync(job, new JobCommand.HandBack(run), null);
        Assert.False(await SaveAsync(job, run, "2"));
        var next = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.False(await SaveAsync(job, run, "3"));
        Assert.Null(next.Checkpoint);
    }

    [Fact]
    public async Task The_end_of_a_run_carries_its_checkpoint()
    {
        var job = await RunningAsync();
        var end = new JobWrite.Change(job, new JobCommand.Snooze(job.Row.Run!.Value, TimeSpan.FromMilliseconds(1))) { Checkpoint = "\"here\""u8.ToArray() };
        await PostAsync(end);
        Assert.Equal(JobState.Scheduled, end.Now!.Row.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        await PostAsync(new JobWrite.Sweep(10));
        var next = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.Equal("\"here\"", Encoding.UTF8.GetString(next.Checkpoint!.Value.Span));
        Assert.Equal((2, 1), (next.Row.Attempt, next.Row.Excused));
        await ChangeAsync(next, new JobCommand.Finish(next.Row.Run!.Value, false), "1");
        await CleanAsync();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(65_000)]
    [InlineData(1_000_000)]
    public async Task A_result_is_read_back_byte_for_byte_however_it_is_kept(int length)
    {
        var json = "\"" + string.Concat(Enumerable.Repeat("Größe 12; ", (length / 11) + 1)) + "\"";
        var job = await RunningAsync();
        await ChangeAsync(job, new JobCommand.Finish(job.Row.Run!.Value, false), json);
        Assert.Equal(json, Encoding.UTF8.GetString((await ReadAsync(job.Row.Id))!.Result!.Value.Span));
        var stored = (await Store.ReadResultAsync(Namespace.Default, job.Row.Id, default))!;
        Assert.Equal(json, Encoding.UTF8.GetString(ActorPerf.Storage.ResultPacking.Unpack(stored.Bytes!.Value, stored.Coding)));
        if (stored.Coding != ResultCoding.None) Assert.InRange(stored.Bytes.Value.Length, 1, json.Length / 3);
        Assert.Null(stored.Media);
        Assert.Null(await Store.ReadResultAsync(Other, job.Row.Id, default));
        await CleanAsync();
    }

    [Fact]
    public async Task What_does_not_become_smaller_is_kept_as_it_is()
    {
        var noise = new byte[100_000];
        new Random(5).NextBytes(noise);
        var json = $"\"{Convert.ToHexString(noise)}\"";
        var job = await RunningAsync();
        await ChangeAsync(job, new JobCommand.Finish(job.Row.Run!.Value, false), json);
        Assert.Equal(json, Encoding.UTF8.GetString((await ReadAsync(job.Row.Id))!.Result!.Value.Span));
    }

    [Fact]
    public async Task A_result_keeps_its_media_type_and_form()
    {
        foreach (var media in new[] { new ResultMedia("text/csv", ResultForm.Text), new ResultMedia("image/png", ResultForm.Bytes) })
        {
            var job = await RunningAsync();
            await PostAsync(new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "\"YWJj\""u8.ToArray(), ResultMedia = media });
            Assert.Equal(media, (await Store.ReadResultAsync(Namespace.Default, job.Row.Id, default))!.Media);
        }
        await CleanAsync();
    }

    private async Task<bool> SaveAsync(Job job, Run run, string checkpoint)
    {
        var save = new JobWrite.Save(job, run, Encoding.UTF8.GetBytes(checkpoint));
        await PostAsync(save);
        return save.Saved;
    }
}
