using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Jobs;

public sealed class StrayRunsTests
{
    private static readonly Incarnation Self = new(Guid.CreateVersion7());

    private readonly ManualTime _time = new();
    private readonly RunningAttempts _running = new();
    private readonly StrayRuns _strays;
    private readonly List<JobId> _lost = [];

    public StrayRunsTests() => _strays = new StrayRuns(_running, _time, NullLogger.Instance);

    [Fact]
    public void A_row_that_nobody_runs_is_lost_after_thirty_seconds_and_not_before()
    {
        var row = Running();
        Compare(row);
        _time.Advance(TimeSpan.FromSeconds(29));
        Compare(row);
        Assert.Empty(_lost);
        _time.Advance(TimeSpan.FromSeconds(1));
        Compare(row);
        Assert.Equal([row.Row.Id], _lost);
    }

    [Fact]
    public void A_row_that_is_run_here_is_no_stray_however_long_it_takes()
    {
        var attempt = Start(Running());
        for (var i = 0; i < 10; i++)
        {
            Compare(attempt.Job);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Empty(_lost);
        Assert.Null(attempt.StoppedAt);
    }

    [Fact]
    public void A_stray_that_ended_meanwhile_is_forgotten()
    {
        var row = Running();
        Compare(row);
        _time.Advance(TimeSpan.FromSeconds(20));
        Compare();
        _time.Advance(TimeSpan.FromSeconds(20));
        Compare(row);
        Assert.Empty(_lost);
    }

    [Fact]
    public void A_run_whose_row_is_not_its_own_is_told_to_stop_once_it_is_no_longer_young()
    {
        var attempt = Start(Running());
        Compare();
        Assert.Null(attempt.StoppedAt);       // its claim may not be in the rows that were read
        _time.Advance(TimeSpan.FromSeconds(20));
        Compare();
        Assert.NotNull(attempt.StoppedAt);
    }

    [Fact]
    public void A_run_whose_row_says_that_it_was_cancelled_is_told_to_stop()
    {
        var attempt = Start(Running());
        Compare(attempt.Job);
        Assert.Null(attempt.StoppedAt);
        Compare(attempt.Job with { Row = attempt.Job.Row with { State = JobState.Cancelling } });
        Assert.NotNull(attempt.StoppedAt);
        Assert.Equal(JobState.Cancelling, attempt.Job.Row.State);
    }

    [Fact]
    public void An_attempt_is_found_by_its_job_and_not_by_its_id_alone()
    {
        var mine = Running();
        var theirs = mine with { Row = mine.Row with { Namespace = Namespace.Parse("other"), Run = new Run(Self, Guid.NewGuid(), 1) } };
        var (attempt, other) = (Start(mine), Start(theirs));
        Assert.Same(attempt, _running.Of(mine));
        Assert.Same(other, _running.Of(theirs));
        Assert.Null(_running.Of(mine with { Row = mine.Row with { Run = new Run(Self, Guid.NewGuid(), 2) } }));
        _running.Remove(attempt);
        Assert.Null(_running.Of(mine));
        Assert.Same(other, _running.Of(theirs));
    }

    private void Compare(params Job[] rows) => _strays.Compare(rows, job => _lost.Add(job.Row.Id));

    private RunningAttempt Start(Job job)
    {
        var attempt = new RunningAttempt(job, null, ActorRefs.Nobody, _time);
        _running.Add(attempt);
        return attempt;
    }

    private static Job Running()
    {
        var row = new JobRow
        {
            Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default",
            State = JobState.Running, Attempt = 1, Run = new Run(Self, Guid.NewGuid(), 1),
        };
        return new Job(row, "{}"u8.ToArray(), null, null);
    }
}
