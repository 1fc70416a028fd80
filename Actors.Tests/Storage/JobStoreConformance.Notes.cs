using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Storage;

/// <content>What runs under way say, for the other nodes.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task What_a_run_has_said_is_read_while_it_runs_and_goes_with_its_end()
    {
        var job = await RunningAsync();
        var since = (await Store.ReadNotesAsync(null, 10, default)).Now;
        Assert.True(await NoteAsync(job, Percent(10), 1, "a", "b"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await NoteAsync(job, Percent(20), 3, "c"));
        Assert.True(await NoteAsync(job, null, 2, "b", "c", "d"));      // the commit of the one before was in doubt
        Assert.True(await NoteAsync(job, null, 5));

        var progress = (await Store.ReadProgressAsync([job.Row], default))[job.Row.Seq];
        Assert.Equal((20, "20 %", "{\"n\":20}", Percent(20).At), (progress.Percent, progress.Message, System.Text.Encoding.UTF8.GetString(progress.Data.Span), progress.At));
        Assert.Empty(await Store.ReadProgressAsync([job.Row with { Attempt = 2 }], default));
        Assert.Equal((1, null, "a b c d"), Said(Assert.Single((await Store.ReadHistoryAsync(Namespace.Default, job.Row.Id, default))!.Attempts)));

        var notes = await Store.ReadNotesAsync(since, 10, default);
        Assert.Equal([(1, "a b"), (0, "20"), (2, "b c d"), (3, "c")], notes.All.Select(note => (note.First, note.Progress is { } said ? $"{said.Percent}" : Text(note.Lines))).OrderBy(note => note == (1, "a b") ? 0 : 1).ThenBy(note => note.First));
        Assert.All(notes.All, note => Assert.Equal((Namespace.Default, job.Row.Id, 1), (note.Namespace, note.Job, note.Attempt)));
        Assert.True(notes.All.Zip(notes.All.Skip(1)).All(pair => pair.First.At <= pair.Second.At) && notes.Now >= since);
        Assert.Equal(3, (await Store.ReadNotesAsync(since + TimeSpan.FromSeconds(1), 10, default)).All.Count);
        Assert.Single((await Store.ReadNotesAsync(since, 1, default)).All);
        Assert.True(Same(job.Row, (await ReadAsync(job.Row.Id))!.Row), "a note changed the row");

        var ending = new JobWrite.Change(job, new JobCommand.Fail(job.Row.Run!.Value, new TaskError("x", "y"), 0)) { HasNotes = true, Attempt = new AttemptRecord(1, new TaskError("x", "y"), Lines("a", "b", "c", "d", "e"), 7) };
        await PostAsync(ending);
        Assert.Empty((await Store.ReadNotesAsync(since, 10, default)).All);
        Assert.Empty(await Store.ReadProgressAsync([job.Row], default));
        Assert.Equal((1, "x", "a b c d e"), Said(Assert.Single((await Store.ReadHistoryAsync(Namespace.Default, job.Row.Id, default))!.Attempts)));
        Assert.False(await NoteAsync(job, Percent(99), 6, "late"));
        Assert.Empty((await Store.ReadNotesAsync(since, 10, default)).All);
        await CleanAsync();
    }

    [Fact]
    public async Task The_lines_of_a_run_whose_node_was_lost_stay_in_the_jobs_history()
    {
        var job = await RunningAsync();
        var since = (await Store.ReadNotesAsync(null, 10, default)).Now;
        await NoteAsync(job, Percent(10), 1, "a", "b");
        await PostAsync(new JobWrite.Reap([NodeB], 10));
        Assert.False(await NoteAsync(job, Percent(20), 3, "late"));
        _time.Advance(TimeSpan.FromSeconds(2));
        await PostAsync(new JobWrite.Sweep(10));
        var again = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.Empty(await Store.ReadProgressAsync([again.Row], default));
        await NoteAsync(again, null, 1, "c");
        var end = new JobWrite.Change(again, new JobCommand.Finish(again.Row.Run!.Value, false)) { HasNotes = true, Result = "1"u8.ToArray(), Attempt = new AttemptRecord(2, null, Lines("c"), 0) };
        await PostAsync(end);
        Assert.Equal([(1, null, "a b"), (2, null, "c")], (await Store.ReadHistoryAsync(Namespace.Default, job.Row.Id, default))!.Attempts.Select(Said));

        Assert.NotEmpty((await Store.ReadNotesAsync(since, 10, default)).All);
        var delete = new JobWrite.Delete(Namespace.Default, job.Row.Id);
        await PostAsync(delete);
        Assert.NotNull(delete.Deleted);
        Assert.Empty((await Store.ReadNotesAsync(since, 10, default)).All);
        await CleanAsync();
    }

    private async Task<bool> NoteAsync(Job job, ProgressReport? progress, int first, params string[] lines)
    {
        var note = new JobWrite.Note(job, job.Row.Run!.Value, progress, first, Lines(lines));
        await PostAsync(note);
        return note.Noted;
    }

    private static ProgressReport Percent(int percent) =>
        new(percent, $"{percent} %", DateTimeOffset.UnixEpoch.AddSeconds(percent)) { Data = System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{percent}}}""") };

    private static LogLine[] Lines(params string[] lines) => [.. lines.Select(line => new LogLine(DateTimeOffset.UnixEpoch, LogLevel.Warning, line))];

    private static (int, string?, string) Said(AttemptRecord attempt) => (attempt.Attempt, attempt.Error?.Type, Text(attempt.Lines));

    private static string Text(IReadOnlyList<LogLine> lines) => string.Join(' ', lines.Select(line => line.Text));
}
