using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

public sealed class FailureMarksTests
{
    private static readonly TaskError Error = new("E", "no");

    [Fact]
    public void One_key_that_waits_for_long_keeps_no_other_from_being_forgotten()
    {
        var marks = new FailureMarks(most: 10);
        var (patient, hasty) = (Key("patient"), Key("hasty"));
        marks.Failed(patient, Error, now: 0, _ => 1_000, forgetAfter: 1_000);
        for (var i = 0; i < 3; i++) marks.Failed(hasty, Error, now: 0, _ => 10, forgetAfter: 10);
        Assert.Equal((3, 1), (marks.Of(hasty, now: 19)?.Failures, marks.Failing(now: 19)));
        marks.Sweep(now: 20);
        Assert.Equal((null, 0), (marks.Of(hasty, now: 20), marks.Failing(now: 20)));
        Assert.Equal(1, marks.Failed(hasty, Error, now: 20, _ => 30, forgetAfter: 10).Failures);
        Assert.NotNull(marks.Of(patient, now: 20));
    }

    private static CacheKey Key(string task) => new(Namespace.Default, task, 1, "{}"u8.ToArray());
}
