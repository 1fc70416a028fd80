using ActorPerf.Load;
using ActorPerf.Load.Plans;

namespace ActorPerf.Tests.Load.Plans;

public sealed class LoadDraftTests
{
    [Fact]
    public void Users_and_a_spawn_rate_make_a_closed_model()
    {
        var plan = Plan(Draft().Add("users", "100").Add("spawnRate", "2.5").Add("runTime", "5m").Add("seed", "7").AddAll("tags", ["a", "b"]));
        Assert.Equal(new LoadModel.Closed(100, 2.5), Assert.IsType<LoadModel.Closed>(plan.Model) with { Stages = new LoadModel.Closed(1, 1).Stages });
        Assert.Equal((TimeSpan.FromMinutes(5), 7, new Uri("http://127.0.0.1:8080")), (plan.RunTime, plan.Seed, plan.Host));
        Assert.Equal(["a", "b"], plan.Tags);
    }

    [Fact]
    public void A_rate_makes_an_open_model_and_stages_tell_the_run_time()
    {
        var plan = Plan(Draft().Add("rate", "50").Add("timeUnit", "1m").Add("maxUsers", "20").AddAll("stages", ["30s:100", "1m:0"]));
        var open = Assert.IsType<LoadModel.Open>(plan.Model);
        Assert.Equal((50d, TimeSpan.FromMinutes(1), 20), (open.Rate, open.TimeUnit, open.MaxUsers));
        Assert.Equal([new LoadStage(TimeSpan.FromSeconds(30), 100), new LoadStage(TimeSpan.FromMinutes(1), 0)], open.Stages);
        Assert.Equal(TimeSpan.FromSeconds(90), plan.RunTime);
    }

    [Fact]
    public void A_bare_number_is_seconds_as_Locust_has_it() => Assert.Equal(TimeSpan.FromSeconds(300), Plan(Draft().Add("runTime", "300")).RunTime);

    [Theory]
    [InlineData("http_req_failed:rate<0.01", false, 0)]
    [InlineData("http_req_failed:rate<0.01 abort", true, 0)]
    [InlineData("http_req_failed:rate<0.01 abort after 10s", true, 10)]
    public void A_threshold_may_end_the_run(string text, bool aborts, int after)
    {
        var threshold = Assert.Single(Plan(Draft().Add("thresholds", text)).Thresholds);
        Assert.Equal((aborts, TimeSpan.FromSeconds(after), "http_req_failed:rate<0.01"), (threshold.AbortOnFail, threshold.DelayAbort, threshold.ToString()));
    }

    [Theory]
    [InlineData("users", "many", "/model/users")]
    [InlineData("spawnRate", "fast", "/model/spawnRate")]
    [InlineData("runTime", "a while", "/runTime")]
    [InlineData("stages", "100", "/model/stages/0")]
    [InlineData("thresholds", "p95", "/thresholds/0")]
    [InlineData("thresholds", "http_req_failed:rate<0.01 abort soon", "/thresholds/0")]
    [InlineData("variables", "task", "/variables/0")]
    [InlineData("maxUsers", "5", "/model/maxUsers")]
    public void What_cannot_be_read_is_told_by_its_place(string member, string text, string pointer)
    {
        Assert.Null(Draft().Add(member, text).ToPlan(out var faults));
        Assert.Equal(pointer, Assert.Single(faults).Pointer);
    }

    [Fact]
    public void Users_have_no_place_beside_a_rate()
    {
        Assert.Null(Draft().Add("rate", "5").Add("users", "2").ToPlan(out var faults));
        Assert.Equal("/model/users", Assert.Single(faults).Pointer);
    }

    [Theory]
    [InlineData("constant-vus", "users=10", null, "10 users, 1,000,000 more a second until they are all there; each waits for its answers.")]
    [InlineData("ramping-vus", "stages=30s:10", null, "Users from 0 through 10 in 30s; each waits for its answers.")]
    [InlineData("constant-arrival-rate", "rate=100", null, "100/s iterations, started by the plan whether answered or not; at most 1,000 users.")]
    [InlineData("ramping-arrival-rate", "stages=1m:50", null, "Iterations from 0/s through 50 in 1m, started by the plan whether answered or not.")]
    [InlineData("shared-iterations", "users=5", "100", "5 users, 100 iterations together.")]
    [InlineData("per-vu-iterations", "users=5", "100", "5 users, 100 iterations each.")]
    public void Executors_mean_what_they_mean_in_k6(string executor, string given, string? iterations, string sentence)
    {
        var draft = Draft().Add(given.Split('=')[0], given.Split('=')[1]);
        Assert.Null(LoadExecutor.Apply(draft, executor, iterations));
        Assert.Equal(sentence, ActorPerf.Load.Figures.LoadWords.Sentence(Plan(draft).Model));
    }

    [Theory]
    [InlineData("ramping-vus", null)]
    [InlineData("constant-arrival-rate", null)]
    [InlineData("constant-vus", "5")]
    public void An_executor_says_what_it_lacks(string executor, string? iterations) => Assert.StartsWith(executor, LoadExecutor.Apply(Draft(), executor, iterations), StringComparison.Ordinal);

    private static LoadDraft Draft() => new LoadDraft().Add("scenario", "submit").Add("host", "127.0.0.1:8080");

    private static LoadPlan Plan(LoadDraft draft)
    {
        var plan = draft.ToPlan(out var faults);
        Assert.Empty(faults);
        Assert.NotNull(plan);
        return plan;
    }
}
