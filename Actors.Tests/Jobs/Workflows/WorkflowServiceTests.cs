using System.Net;
using System.Text;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Queries;
using ActorPerf.Tests.Web.Api;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Jobs.Workflows;

/// <summary>Workflows on a whole node, by the front door and over HTTP.</summary>
public sealed class WorkflowServiceTests : IAsyncLifetime
{
    private NodeDataWorld _node = null!;

    private IWorkflows Workflows => _node.Service<IWorkflows>();

    public async ValueTask InitializeAsync() => _node = await NodeDataWorld.StartAsync(
        new Dictionary<string, string?> { ["actorperf:storage:provider"] = "memory" }, typeof(SumTask), typeof(BreakTask), typeof(FanTask));

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_chord_adds_up_the_results_of_its_jobs()
    {
        var made = await MakeAsync(Workflow.Chord([Sum("""{"a": 1, "b": 2}"""), Sum("""{"a": 3}""")], Sum("""{"a": {"$result": "job1"}, "b": {"$result": "job2"}}""")));
        var done = await EndAsync(made.Row.Id);
        Assert.Equal(("succeeded", 3, 3), (done.Row.State, done.Row.Done, done.Row.Total));
        Assert.Equal("6", await ResultAsync(done, "then"));
        var waited = await _node.Jobs.WaitFinishedAsync(Namespace.Default, Member(made, "then").Job.Row.Id, TimeSpan.FromSeconds(30), default);
        Assert.Equal(2, waited!.DependsOn.Count);
        Assert.Equal(2, Assert.Single((await _node.Jobs.WaitManyAsync(Namespace.Default, [waited.Row.Id], true, TimeSpan.FromSeconds(30), default)).Done).DependsOn.Count);
        Assert.Equal("""{"a": 3, "b": 3}""", Encoding.UTF8.GetString(Member(done, "then").Job.Args.Span));
        Assert.All(done.Members, member => Assert.Equal(made.Row.Id.ToString(), member.Job.Row.Workflow));
    }

    [Fact]
    public async Task A_chain_hands_results_on()
    {
        var made = await MakeAsync(Workflow.Chain(Sum("""{"a": 1}"""), Sum("""{"a": {"$result": "step1"}, "b": 1}"""), Sum("""{"a": {"$result": "step2"}, "b": 1}""")));
        Assert.Equal("3", await ResultAsync(await EndAsync(made.Row.Id), "step3"));
    }

    [Fact]
    public async Task A_result_that_does_not_fit_the_task_fails_the_job_for_good()
    {
        var made = await MakeAsync(Of(J("a", New("fan", "{}")), J("b", Sum("""{"a": {"$result": "a"}}"""), "a")));
        var done = await EndAsync(made.Row.Id);
        Assert.Equal((JobState.Failed, "invalid-args", 1), (Member(done, "b").Job.Row.State, Member(done, "b").Job.Row.Error!.Type, Member(done, "b").Job.Row.Attempt));
        Assert.Equal("failed", done.Row.State);
    }

    [Fact]
    public async Task A_rerun_keeps_what_succeeded_and_takes_its_results()
    {
        BreakTask.Broken = true;
        var first = await EndAsync((await MakeAsync(Of(
            J("good", Sum("""{"a": 20}""")),
            J("bad", New("break", """{"a": {"$result": "good"}}"""), "good"),
            J("last", Sum("""{"a": {"$result": "bad"}, "b": {"$result": "good"}}"""), "bad", "good")))).Row.Id);
        Assert.Equal([JobState.Succeeded, JobState.Failed, JobState.Cancelled], first.Members.Select(member => member.Job.Row.State));

        BreakTask.Broken = false;
        var again = Assert.IsType<WorkflowOutcome.Done>(await Workflows.RerunAsync(Namespace.Default, first.Row.Id, "k", default)).Workflow;
        Assert.Equal(again.Row.Id, Assert.IsType<WorkflowOutcome.Replayed>(await Workflows.RerunAsync(Namespace.Default, first.Row.Id, "k", default)).Workflow.Row.Id);
        var second = await EndAsync(again.Row.Id);

        Assert.Equal((first.Row.Id, "succeeded"), (second.Row.RerunOf!.Value, second.Row.State));
        Assert.Equal([true, false, false], second.Members.Select(member => member.Kept));
        Assert.Equal(Member(first, "good").Job.Row.Id, Member(second, "good").Job.Row.Id);
        Assert.Equal(Member(first, "bad").Job.Row.Id, Member(second, "bad").Job.Row.RerunOf);
        Assert.Equal("41", await ResultAsync(second, "last"));
        Assert.Equal("state-conflict", Refused(await Workflows.RerunAsync(Namespace.Default, second.Row.Id, null, default)).Code);

        // Somebody deletes what the rest needs.
        var good = Member(first, "good").Job.Row.Id;
        Assert.IsType<JobOutcome.Done>(await _node.Jobs.DeleteAsync(Namespace.Default, good, default));
        var gone = Refused(await Workflows.RerunAsync(Namespace.Default, first.Row.Id, null, default));
        Assert.Equal("state-conflict", gone.Code);
        Assert.Contains($"needs job {good}, which has been deleted", gone.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_the_same_workflow_and_another_graph_is_refused()
    {
        var graph = Workflow.Group(Sum("{}"), Sum("{}")) with { IdempotencyKey = "k", Digest = Guid.NewGuid() };
        var first = await MakeAsync(graph);
        Assert.Equal(first.Row.Id, Assert.IsType<WorkflowOutcome.Replayed>(await Workflows.SubmitAsync(graph, default)).Workflow.Row.Id);
        Assert.Equal("idempotency-mismatch", Refused(await Workflows.SubmitAsync(graph with { Digest = Guid.NewGuid() }, default)).Code);
        Assert.Single((await Workflows.ListAsync(Namespace.Default, null, 50, default)).Rows);
    }

    [Fact]
    public async Task Nothing_is_stored_of_a_graph_with_one_bad_job()
    {
        var refusal = Refused(await Workflows.SubmitAsync(Of(J("a", Sum("{}")), J("b", Sum("""{"a": [{"$result": "c"}]}"""), "a")), default));
        Assert.Equal("/jobs/b/args/a/0", Assert.Single(refusal.Faults).Pointer);
        Assert.Equal("unknown-task", Refused(await Workflows.SubmitAsync(Of(J("a", Sum("{}")), J("b", New("nobody", "{}"))), default)).Code);
        Assert.Equal("/jobs/a/args/a", Assert.Single(Refused(await Workflows.SubmitAsync(Of(J("a", Sum("""{"a": "x"}"""))), default)).Faults).Pointer);
        var taken = Assert.IsType<SubmitOutcome.Accepted>(await _node.Jobs.SubmitAsync(Sum("{}"), default)).Job.Row.Id;
        Assert.Equal("/jobs/b", Assert.Single(Refused(await Workflows.SubmitAsync(Of(J("a", Sum("{}")), J("b", Sum("{}") with { Id = taken })), default)).Faults).Pointer);
        var twice = Refused(await Workflows.SubmitAsync(Of(J("a", Sum("{}") with { UniqueKey = "u", Delay = TimeSpan.FromHours(1) }),
            J("b", Sum("{}") with { UniqueKey = "u", UniquePolicy = UniquePolicy.Reject })), default));
        Assert.Contains("job 'a' of this batch", twice.Detail, StringComparison.Ordinal);
        Assert.Empty((await Workflows.ListAsync(Namespace.Default, null, 50, default)).Rows);
    }

    [Fact]
    public async Task A_cancelled_workflow_leaves_nothing_waiting()
    {
        var made = await MakeAsync(Workflow.Chain(Sum("{}") with { Delay = TimeSpan.FromHours(1) }, Sum("{}"), Sum("{}")));
        var cancelled = Assert.IsType<WorkflowOutcome.Done>(await Workflows.CancelAsync(Namespace.Default, made.Row.Id, default)).Workflow;
        Assert.Equal(("cancelled", 3), (cancelled.Row.State, cancelled.Row.Done));
        Assert.Null(await Workflows.CancelAsync(Namespace.Parse("other"), made.Row.Id, default));
    }

    [Fact]
    public async Task A_task_waits_for_the_jobs_it_submits_without_holding_a_routee()
    {
        var job = await _node.RunAsync("fan", """{"count": 6}""");
        Assert.Equal((JobState.Succeeded, "\"15\"", 2, 1), (job.Row.State, Encoding.UTF8.GetString(job.Result!.Value.Span), job.Row.Attempt, job.Row.Excused));
    }

    [Fact]
    public async Task All_or_any_of_several_jobs_are_waited_for_in_code()
    {
        var late = Assert.IsType<SubmitOutcome.Accepted>(await _node.Jobs.SubmitAsync(Sum("{}") with { Delay = TimeSpan.FromHours(1) }, default)).Job.Row.Id;
        var ids = new List<JobId>();
        for (var i = 0; i < 3; i++) ids.Add(Assert.IsType<SubmitOutcome.Accepted>(await _node.Jobs.SubmitAsync(Sum("{}"), default)).Job.Row.Id);
        Assert.Equal(ids, (await _node.Jobs.WhenAllAsync(Namespace.Default, ids, default)).Select(job => job.Row.Id));
        Assert.Equal(ids[0], (await _node.Jobs.WhenAnyAsync(Namespace.Default, [late, ids[0]], default)).Row.Id);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _node.Jobs.WhenAllAsync(Namespace.Default, [], default));
        await Assert.ThrowsAsync<ArgumentException>(() => _node.Jobs.WhenAnyAsync(Namespace.Default, [new JobId(Guid.NewGuid())], default));
    }

    [Fact]
    public async Task Over_HTTP_a_workflow_is_submitted_shown_listed_cancelled_and_run_again()
    {
        await using var web = await WebHost.StartAsync(services: services => services.AddSingleton(Workflows));
        using var submitted = await web.Client.PostAsync("workflows", Http.Json(
            """{"name": "nightly", "onFailure": "cancel", "jobs": {"b": {"task": "sum", "args": {"a": {"$result": "a"}}, "dependsOn": [{"job": "a", "on": "finished"}]}, "a": {"task": "sum", "delay": "1h", "tags": ["t"]}}}"""));
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        var made = JsonDocument.Parse(await submitted.Content.ReadAsStringAsync()).RootElement;
        var id = made.GetProperty("id").GetString();
        Assert.EndsWith($"/api/v1/workflows/{id}", submitted.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(("nightly", "running", "cancel", 0, 2), (made.GetProperty("name").GetString(), made.GetProperty("state").GetString(), made.GetProperty("onFailure").GetString(),
            made.GetProperty("done").GetInt32(), made.GetProperty("total").GetInt32()));
        Assert.Equal("""[{"job":"a","on":"finished"}]""", made.GetProperty("jobs").GetProperty("b").GetProperty("dependsOn").GetRawText());

        var list = JsonDocument.Parse(await web.Client.GetStringAsync("workflows?limit=1")).RootElement;
        Assert.Equal(id, list.GetProperty("items")[0].GetProperty("id").GetString());
        using var early = await web.Client.PostAsync($"workflows/{id}/rerun?from=failed", Http.Json("{}"));
        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        using var cancelled = await web.Client.PostAsync($"workflows/{id}/cancel", Http.Json("{}"));
        Assert.Contains("\"state\":\"cancelled\"", await cancelled.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await web.Client.PostAsync($"workflows/{id}/rerun", Http.Json("{}"));
        Assert.Equal(id, JsonDocument.Parse(await again.Content.ReadAsStringAsync()).RootElement.GetProperty("rerunOf").GetString());
        using var unknown = await web.Client.GetAsync($"workflows/{Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("""{"jobs": {}}""", "/jobs")]
    [InlineData("""{"jobs": []}""", "/jobs")]
    [InlineData("""{"jobs": {"a": 1}}""", "/jobs/a")]
    [InlineData("""{"jobs": {"a": {"task": "sum", "prio": 1}}}""", "/jobs/a/prio")]
    [InlineData("""{"jobs": {"a": {"task": "sum", "dependsOn": ["b"]}}}""", "/jobs/a/dependsOn/0")]
    [InlineData("""{"jobs": {"a": {"task": "sum", "dependsOn": [{"job": "a", "on": "soon"}]}}}""", "/jobs/a/dependsOn/0")]
    [InlineData("""{"jobs": {"a": {"task": "sum"}}, "onFailure": "stop"}""", "/onFailure")]
    [InlineData("""{"jobs": {"a": {"task": "sum", "dependsOn": ["b"]}, "b": {"task": "sum", "dependsOn": ["a"]}}}""", "/jobs/a/dependsOn")]
    public async Task Over_HTTP_a_graph_that_cannot_be_is_refused_with_its_place(string body, string pointer)
    {
        await using var web = await WebHost.StartAsync(services: services => services.AddSingleton(Workflows));
        using var refused = await web.Client.PostAsync("workflows", Http.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    private static Refusal Refused(WorkflowOutcome? outcome) => Assert.IsType<WorkflowOutcome.Refused>(outcome).Refusal;

    private static WorkflowMember Member(WorkflowView workflow, string name) => workflow.Members.Single(member => member.Name == name);

    private async Task<string> ResultAsync(WorkflowView workflow, string name) =>
        Encoding.UTF8.GetString((await _node.EndAsync(Member(workflow, name).Job.Row.Id)).Result!.Value.Span);

    private async Task<WorkflowView> MakeAsync(WorkflowSubmission submission) =>
        Assert.IsType<WorkflowOutcome.Done>(await Workflows.SubmitAsync(submission, default)).Workflow;

    private async Task<WorkflowView> EndAsync(WorkflowId id)
    {
        var members = (await Workflows.GetAsync(Namespace.Default, id, default))!.Members;
        await _node.Jobs.WhenAllAsync(Namespace.Default, [.. members.Select(member => member.Job.Row.Id)], default);
        return (await Workflows.GetAsync(Namespace.Default, id, default))!;
    }

    private static Submission Sum(string args) => New("sum", args);

    private static Submission New(string task, string args) =>
        new() { Namespace = Namespace.Default, Task = task, Args = Encoding.UTF8.GetBytes(args), MaxAttempts = 1, Digest = Guid.NewGuid() };

    private static WorkflowSubmission Of(params (string Name, Submission Submission, string[] Parents)[] jobs) => new()
    {
        Namespace = Namespace.Default,
        Jobs = [.. jobs.Select(job => new WorkflowJob(job.Name, job.Submission) { DependsOn = [.. job.Parents.Select(parent => new WorkflowEdge(parent))] })],
    };

    private static (string, Submission, string[]) J(string name, Submission submission, params string[] parents) => (name, submission, parents);

    private sealed record Terms(int A = 0, int B = 0);

    private sealed record Nothing(int A = 0);

    private sealed record Fan(int Count = 1);

    [ComputeTask("sum")]
    private sealed class SumTask : IComputeTask<Terms, int>
    {
        public ValueTask<int> RunAsync(Terms args, TaskContext context, CancellationToken ct) => new(args.A + args.B);
    }

    [ComputeTask("break")]
    private sealed class BreakTask : IComputeTask<Nothing, int>
    {
        public static bool Broken { get; set; }

        public ValueTask<int> RunAsync(Nothing args, TaskContext context, CancellationToken ct) =>
            Broken ? throw new NonRetryableException("broken") : new(args.A + 1);
    }

    [ComputeTask("fan")]
    private sealed class FanTask : IComputeTask<Fan, string>
    {
        public ValueTask<string> RunAsync(Fan args, TaskContext context, CancellationToken ct) => context.Children.Count == 0
            ? throw new WaitForChildrenException([.. Enumerable.Range(0, args.Count).Select(i => new ChildJob("sum", Encoding.UTF8.GetBytes($$"""{"a": {{i}}}""")))])
            : new(context.Children.Sum(child => int.Parse(child.Result!.Value.Span, System.Globalization.CultureInfo.InvariantCulture)).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
