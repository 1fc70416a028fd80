using ActorPerf.Load;

namespace ActorPerf.Tests.Load;

public sealed class LoadPlanTests
{
    private static readonly LoadOptions Options = new() { AllowHosts = ["staging.example.com", "10.0.0.7:8080"] };

    [Theory]
    [InlineData("between(1s, 5s)", "between(1s, 5s)")]
    [InlineData("between(0.5,1)", "between(500ms, 1s)")]
    [InlineData(" constant( 2s ) ", "constant(2s)")]
    [InlineData("pacing(10s)", "pacing(10s)")]
    [InlineData("throughput(0.5)", "throughput(0.5)")]
    public void Waits_are_read_as_they_are_written(string text, string written)
    {
        Assert.True(LoadWait.TryParse(text, out var wait));
        Assert.Equal(written, wait.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("between(5s, 1s)")]
    [InlineData("between(1s)")]
    [InlineData("constant(2h)")]
    [InlineData("throughput(0)")]
    [InlineData("sometimes(1s)")]
    public void Waits_that_mean_nothing_are_refused(string? text) => Assert.False(LoadWait.TryParse(text, out _));

    [Theory]
    [InlineData("http_req_duration:p(95)<200", "http_req_duration:p(95)<200")]
    [InlineData(" http_req_failed : rate < 0.01 ", "http_req_failed:rate<0.01")]
    [InlineData("response_time:p(99.9)<=1500", "response_time:p(99.9)<=1500")]
    [InlineData("http_req_duration{name:POST /jobs}:avg<50.5", "http_req_duration{name:POST /jobs}:avg<50.5")]
    [InlineData("checks:rate>0.9", "checks:rate>0.9")]
    [InlineData("dropped_iterations:count==0", "dropped_iterations:count==0")]
    public void Thresholds_are_read_as_they_are_written(string text, string written) => Assert.Equal(written, LoadThreshold.Parse(text, out _)?.ToString());

    [Theory]
    [InlineData("http_req_durations:p(95)<200", "Did you mean 'http_req_duration'?")]
    [InlineData("http_req_duration:rate<200", "avg, min, max")]
    [InlineData("http_req_duration:p(101)<200", "0 to 100")]
    [InlineData("checks{name:POST /orders}:rate>0.99", "http_req_duration, response_time, job_duration, http_req_failed, http_reqs")]
    [InlineData("vus{name:buy}:value>1", "'vus'")]
    [InlineData("http_req_duration<200", "METRIC:AGGREGATION")]
    [InlineData(null, "METRIC:AGGREGATION")]
    public void Thresholds_that_mean_nothing_say_what_would(string? text, string advice)
    {
        Assert.Null(LoadThreshold.Parse(text, out var fault));
        Assert.Contains(advice, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<", 1, true)]
    [InlineData("<", 2, false)]
    [InlineData("<=", 2, true)]
    [InlineData(">", 2, false)]
    [InlineData(">=", 2, true)]
    [InlineData("==", 2, true)]
    [InlineData("!=", 2, false)]
    public void Thresholds_hold_by_their_operator(string sign, double value, bool holds) =>
        Assert.Equal(holds, LoadThreshold.Parse($"vus:value{sign}2", out _)!.Holds(value));

    [Theory]
    [InlineData("30s:100", 30, 100)]
    [InlineData("1h30m : 2.5", 5400, 2.5)]
    public void Stages_are_read(string text, double seconds, double target)
    {
        Assert.True(LoadStage.TryParse(text, out var stage));
        Assert.Equal((seconds, target), (stage.Duration.TotalSeconds, stage.Target));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:8080/base", true)]
    [InlineData("http://localhost", true)]
    [InlineData("https://staging.example.com:8443", true)]
    [InlineData("http://10.0.0.7:8080", true)]
    [InlineData("http://10.0.0.7:8081", false)]
    [InlineData("http://example.com", false)]
    [InlineData("http://localhost.example.com", false)]
    [InlineData("http://user:password@127.0.0.1", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("http://127.0.0.1/?q=1", false)]
    public void Only_this_computer_and_hosts_that_are_named_may_be_loaded(string host, bool allowed) =>
        Assert.Equal(allowed, !Faults(Plan with { Host = new Uri(host) }).Contains("/host"));

    [Fact]
    public void Every_bound_is_named_by_the_member_that_breaks_it()
    {
        var faults = Faults(Plan with
        {
            Scenario = "computed",
            RunTime = TimeSpan.FromHours(2),
            WarmUp = TimeSpan.FromHours(3),
            StopTimeout = TimeSpan.FromMinutes(6),
            MaxRequests = 0,
            Model = new LoadModel.Open(0) { MaxUsers = 0, PreAllocatedUsers = 5, Backlog = -1 },
            Key = "two words",
        });
        Assert.Equal(["/scenario", "/runTime", "/warmUp", "/stopTimeout", "/maxRequests", "/key", "/model/rate", "/model/maxUsers", "/model/preAllocatedUsers", "/model/backlog"], faults);
        Assert.Equal(["/model/users", "/model/spawnRate"], Faults(Plan with { Model = new LoadModel.Closed(0, 0) }));
        Assert.Equal(["/model/stages/1/target"], Faults(Plan with { Model = new LoadModel.Closed(0, 1) { Stages = [new(TimeSpan.Zero, 1), new(TimeSpan.Zero, 1e9)] } }));
        Assert.Equal(["/model/spawnRate"], Faults(Plan with { Model = new LoadModel.Closed(2, 1e-13) }));
        Assert.Equal(["/model/stages/0/target"], Faults(Plan with { Model = new LoadModel.Open(1) { Stages = [new(TimeSpan.FromMinutes(1), 1e-13)] } }));
        Assert.Equal(["/warmUp"], Faults(Plan with { WarmUp = TimeSpan.FromSeconds(10), Model = new LoadModel.Closed(0, 1) { Stages = [new(TimeSpan.FromSeconds(10), 5)] } }));
        Assert.Equal(["/tags"], Faults(Plan with { Tags = ["nobody"] }));
    }

    [Fact]
    public void Tags_pick_tasks_and_leave_others_out()
    {
        LoadTask Task(string name, params string[] tags) => new(name, 1, tags, static (_, _) => default);
        var user = new LoadUser("user", 1, LoadWait.None, [Task("a", "read"), Task("b", "read", "slow"), Task("c")]);
        Assert.Equal(["a", "b"], LoadChoice.Tasks(user, Plan with { Tags = ["read"] }).Select(static task => task.Name));
        Assert.Equal(["a", "c"], LoadChoice.Tasks(user, Plan with { ExcludeTags = ["slow"] }).Select(static task => task.Name));
        Assert.Equal(["a"], LoadChoice.Tasks(user, Plan with { Tags = ["read"], ExcludeTags = ["slow"] }).Select(static task => task.Name));
    }

    [Fact]
    public void Users_come_at_the_spawn_rate_the_first_at_once()
    {
        var plan = UserPlan.Of(new LoadModel.Closed(5, 2));
        Assert.Equal([1, 1, 2, 3, 5, 5], new[] { 0, 0.49, 0.5, 1.2, 2, 9 }.Select(seconds => plan.At(TimeSpan.FromSeconds(seconds))));
        var (at, changes) = (TimeSpan.Zero, new List<double>());
        while (plan.NextChange(at) is { } next) changes.Add((at = next).TotalSeconds);
        Assert.Equal([0.5, 1, 1.5, 2], changes);
    }

    [Fact]
    public void Users_go_as_evenly_as_they_come()
    {
        var plan = UserPlan.To(10, 6, 1, TimeSpan.FromSeconds(100));
        var (at, changes) = (TimeSpan.FromSeconds(100), new List<(double, int)>());
        while (plan.NextChange(at) is { } next)
        {
            at = next;
            changes.Add((Math.Round(at.TotalSeconds, 3), plan.At(at)));
        }
        Assert.Equal([(101, 9), (102, 8), (103, 7), (104, 6)], changes);
    }

    [Fact]
    public void A_stage_of_no_length_is_a_jump()
    {
        var plan = new UserPlan(0, TimeSpan.Zero, [new(TimeSpan.FromSeconds(1), 0), new(TimeSpan.Zero, 50), new(TimeSpan.FromSeconds(1), 50)]);
        Assert.Equal(TimeSpan.FromSeconds(1), plan.NextChange(TimeSpan.Zero));
        Assert.Equal([0, 50, 50], new[] { 0.9, 1, 5 }.Select(seconds => plan.At(TimeSpan.FromSeconds(seconds))));
        Assert.Null(plan.NextChange(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Arrivals_lie_where_the_integral_of_the_rate_is_whole()
    {
        var plan = new ArrivalPlan(TimeSpan.Zero, 0, [new(TimeSpan.FromSeconds(10), 10), new(TimeSpan.FromSeconds(10), 0)]);
        var times = new List<double>();
        for (; plan.Next is { } next; plan.Take()) times.Add(next.TotalSeconds);
        Assert.InRange(times.Count, 99, 101);
        for (var i = 0; i < 50; i++) Assert.Equal(Math.Sqrt(2.0 * i), times[i], 1e-6);       // t²/2 = i
        Assert.Equal(times.Order(), times);
        Assert.Equal(5, plan.RateAt(TimeSpan.FromSeconds(15)), 1e-9);
    }

    private static LoadPlan Plan => new() { Scenario = "compute", Host = new Uri("http://127.0.0.1:1") };

    private static List<string> Faults(LoadPlan plan)
    {
        var known = ShippedScenarios.All.ToDictionary(static scenario => scenario.Name);
        return [.. LoadPlanCheck.Faults(plan, known.GetValueOrDefault(plan.Scenario), [.. known.Keys], Options).Select(static fault => fault.Pointer)];
    }
}
