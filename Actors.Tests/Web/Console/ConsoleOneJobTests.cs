using System.Net;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleOneJobTests
{
    [Fact]
    public async Task Its_way_is_lit_among_all_ways_there_are()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        var page = await host.PageAsync($"/jobs/{Sample.Id(BusyNode.RunningJob)}");
        Assert.Equal(JobMoves.All.Count, page.QuerySelectorAll(".states .move").Length);
        Assert.Equal(2, page.QuerySelectorAll(".states .move[data-lit]").Length);
        Assert.Equal("running ×2", page.QuerySelector(".station[data-lit=here]")?.TextContent.Trim());
        Assert.Equal(["queued", "retrying"], page.QuerySelectorAll(".station[data-lit=passed]").Select(station => station.GetAttribute("data-state")));
    }

    [Theory]
    [InlineData(JobState.Held, "cancel edit")]
    [InlineData(JobState.Scheduled, "cancel edit run-now")]
    [InlineData(JobState.Queued, "cancel edit")]
    [InlineData(JobState.Running, "cancel")]
    [InlineData(JobState.Cancelling, "")]
    [InlineData(JobState.Failed, "delete rerun")]
    public async Task Only_what_its_state_allows_is_offered(JobState state, string acts)
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", state));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Equal(acts, string.Join(' ', page.QuerySelectorAll(".acts form").Select(form => form.GetAttribute("action")?.Split('/')[^1]).Distinct().Order()));
    }

    [Theory]
    [InlineData(JobState.Failed, "delete", "/jobs?did=delete.1.0")]
    [InlineData(JobState.Failed, "rerun", "/jobs/01990000-0000-7000-8000-000000000001")]
    [InlineData(JobState.Scheduled, "run-now", "/jobs/01990000-0000-7000-8000-000000000001")]
    public async Task An_act_is_done_and_leads_on(JobState state, string act, string to)
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", state));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        using var answer = await host.SendAsync(ConsoleHost.Form(page, "/" + act));
        Assert.Equal((HttpStatusCode.SeeOther, to), (answer.StatusCode, answer.Headers.Location?.ToString()));
        Assert.Equal((act, Sample.Id(1)), Assert.Single(host.Jobs.Acts));
    }

    [Theory]
    [InlineData("""{"n": "\ud800", "x": ["a\udc00"]}""")]
    [InlineData("""{"n": 1, "x": {"\ud800": 1}}""")]
    public async Task Arguments_with_half_of_a_surrogate_pair_are_shown_as_they_were_sent(string args)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        host.Jobs.All.Add(Sample.Job("square", JobState.Failed, args: args));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Contains(page.QuerySelectorAll(".payload code"), code => code.TextContent == args);
        var again = await host.PageAsync($"/submit?from={Sample.Id(1)}&as=json");
        if (!args.Contains("\\ud800\":", StringComparison.Ordinal)) Assert.Equal(args, again.QuerySelector("textarea[name=raw]")?.TextContent.Trim());
    }

    [Fact]
    public async Task Tags_with_commas_stay_what_they_are_when_something_else_is_edited()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Queued, tag: "eu,west"));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        var form = (AngleSharp.Html.Dom.IHtmlFormElement)(page.QuerySelector("#edit form") ?? throw new InvalidOperationException("no form"));
        using var answer = await host.SendAsync(form, ("priority", "9"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(["eu,west"], Assert.Single(host.Jobs.Edits).Tags);
    }

    [Fact]
    public async Task Long_arguments_can_be_sent_back_whole()
    {
        var args = $$"""{"text": "{{new string('x', 70 * 1024)}}"}""";
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Failed, args: args));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        var form = (AngleSharp.Html.Dom.IHtmlFormElement)(page.QuerySelector("#rerun form") ?? throw new InvalidOperationException("no form"));
        using var answer = await host.SendAsync(form);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(args, Encoding.UTF8.GetString(Assert.Single(host.Jobs.Reruns).Args!.Value.Span));
    }

    [Fact]
    public async Task It_runs_again_with_other_arguments_or_says_what_is_wrong_with_them()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Failed));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        var form = (AngleSharp.Html.Dom.IHtmlFormElement)(page.QuerySelector("#rerun form") ?? throw new InvalidOperationException("no form"));
        using (var answer = await host.SendAsync(form, ("args", """{"n": 13}"""))) Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("""{"n": 13}""", Encoding.UTF8.GetString(Assert.Single(host.Jobs.Reruns).Args!.Value.Span));
        using var wrong = await host.SendAsync(form, ("args", "{oops"));
        var again = await ConsoleHost.ParseAsync(wrong);
        Assert.Equal((HttpStatusCode.BadRequest, "{oops"), (wrong.StatusCode, again.QuerySelector("#rerun textarea")?.TextContent));
        Assert.True(again.QuerySelector("#rerun")?.HasAttribute("open"));
        Assert.Contains("not JSON", again.QuerySelector("#rerun .fault")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_edited_by_the_rules_of_the_API_with_faults_beside_their_fields()
    {
        await using var host = await ConsoleHost.StartAsync();
        host.Jobs.All.Add(Sample.Job("square", JobState.Queued, tag: "nightly"));
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Equal(["default", "5", "", "nightly"], page.QuerySelectorAll("#edit input:not([type=hidden])").Select(input => input.GetAttribute("value")));
        using (var answer = await host.SendAsync(ConsoleHost.Form(page, "/edit"), ("priority", "9"), ("tags", "a, b"), ("runAt", "2027-01-31T08:00:00Z"))) Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var edit = Assert.Single(host.Jobs.Edits);
        Assert.Equal((9, "default", 2027), (edit.Priority, edit.Queue, edit.RunAt?.Year));
        Assert.Equal(["a", "b"], edit.Tags);
        using var wrong = await host.SendAsync(ConsoleHost.Form(page, "/edit"), ("priority", "99"), ("queue", "No Queue"), ("runAt", "tomorrow"));
        var again = await ConsoleHost.ParseAsync(wrong);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(["queue", "priority", "runAt"], again.QuerySelectorAll("#edit [aria-invalid=true]").Select(input => input.GetAttribute("name")));
    }

    [Fact]
    public async Task Errors_that_are_alike_stand_together_with_a_way_to_others()
    {
        await using var host = await ConsoleHost.StartAsync();
        var job = Sample.Job("report", JobState.Failed);
        host.Jobs.All.Add(job with { Row = job.Row with { Error = new TaskError("HttpRequestException", "Order 17: upstream answered 503"), Attempt = 3 } });
        host.Jobs.Histories[job.Row.Id] = new JobHistory([],
        [
            new AttemptRecord(1, new TaskError("TimeoutException", "too slow"), [], 0),
            new AttemptRecord(2, new TaskError("HttpRequestException", "Order 16: upstream answered 502"), [], 0),
            new AttemptRecord(3, new TaskError("HttpRequestException", "Order 17: upstream answered 503"), [], 0),
        ], false);
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Equal(["2 attempts: 3, 2.", "Attempt 1."], page.QuerySelectorAll(".error > p").Select(said => said.TextContent.Trim()));
        var like = await host.PageAsync(page.QuerySelector(".error a.aside")?.GetAttribute("href") ?? "");
        Assert.Equal("task:report error:HttpRequestException error:\"upstream answered\"", like.QuerySelector("#search")?.GetAttribute("value"));
        Assert.Single(like.QuerySelectorAll("tbody[data-rows] tr"));
    }

    [Fact]
    public async Task A_waiting_job_says_its_place_and_what_it_waits_for()
    {
        await using var host = await ConsoleHost.StartAsync();
        var parent = Sample.Job("square", JobState.Succeeded, 2);
        host.Jobs.All.Add(parent);
        var queued = Sample.Job("report", JobState.Queued, 1);
        host.Jobs.All.Add(queued with { Position = 12, EstimatedStart = FakeJobs.Noon.AddSeconds(40), DependsOn = [new(parent.Row.Id, DependsOn.Succeeded), new(Sample.Id(77), DependsOn.Finished)] });
        var page = await host.PageAsync($"/jobs/{Sample.Id(1)}");
        Assert.Equal("Waits for a free routee of queue default. Number 12 in line, may start in 40 s.", page.QuerySelector(".sentence")?.TextContent);
        Assert.Equal([$"/jobs/{parent.Row.Id}", $"/jobs/{Sample.Id(77)}"], page.QuerySelectorAll(".relatives a").Select(link => link.GetAttribute("href")));
        Assert.Contains("deleted", page.QuerySelector(".relatives")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Children_deliveries_and_the_workflow_are_a_click_away()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeWork.Fill(host);
        var job = Sample.Job("report", JobState.Failed, 9);
        host.Jobs.All.Add(job with { Row = job.Row with { Workflow = Sample.Id(900).ToString(), Parent = Sample.Id(5), RerunOf = Sample.Id(6) } });
        var child = Sample.Job("square", JobState.Queued, 10);
        host.Jobs.All.Add(child with { Row = child.Row with { Parent = job.Row.Id } });
        host.Jobs.Histories[job.Row.Id] = new JobHistory([new HistoryRow(1, 1, FakeJobs.Noon, JobState.Running, JobState.Held, 1, "node-1", "waits for its children")], [], false);
        var links = (await host.PageAsync($"/jobs/{job.Row.Id}")).QuerySelectorAll(".relatives a").Select(link => link.GetAttribute("href")).ToList();
        Assert.Equal(
            [$"/jobs/{Sample.Id(6)}", $"/jobs/{Sample.Id(5)}", $"/workflows/{Sample.Id(900)}", $"/jobs/{child.Row.Id}", $"/jobs?q=parent%3A{job.Row.Id}", "/webhooks/billing", "/webhooks/billing", "/webhooks/billing"], links);
        Assert.Equal(3, Enum.GetValues<DeliveryState>().Length);
        Assert.Single((await host.PageAsync($"/jobs?q=parent%3A{job.Row.Id}")).QuerySelectorAll("tbody[data-rows] tr"));
    }

    [Fact]
    public async Task Every_option_goes_into_the_job_and_into_every_line()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        (string, string)[] options =
        [
            ("tags", "a, b"), ("maxAttempts", "3"), ("timeout", "10m"), ("expiresIn", "1h"), ("uniqueKey", "customer-42"), ("uniquePolicy", "reject"), ("uniqueUntil", "started"), ("limitKey", "eu"),
            ("callback", "https://example.com/done"), ("meta", """{"ticket": 4711}"""), ("runAt", "2026-11-22T00:00:00Z"),
        ];
        var page = await host.PageAsync("/submit?task=square&" + string.Join('&', options.Select(option => $"{option.Item1}={Uri.EscapeDataString(option.Item2)}")) + "&args=%7B%22n%22%3A3%7D");
        Assert.Equal(
            """actorperf submit square '{"n":3}' --run-at 2026-11-22T00:00:00Z --tag a --tag b --max-attempts 3 --timeout 10m --expires-in 1h --unique-key customer-42 --unique-policy reject --unique-until started --limit-key eu --callback https://example.com/done --meta '{"ticket": 4711}' --wait""",
            page.QuerySelector("[data-call='job-3']")?.TextContent);
        Assert.Contains("\"meta\":{\"ticket\":4711}", page.QuerySelector("[data-call='job-0']")?.TextContent, StringComparison.Ordinal);
        using var sent = await host.SendAsync(ConsoleHost.Form(page, "/submit"), ("how", "job"));
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
        var job = Assert.Single(host.Jobs.Submissions);
        Assert.Equal(["a", "b"], job.Tags);
        Assert.Equal((3, TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), "customer-42", UniquePolicy.Reject, UniqueUntil.Started, "eu", "https://example.com/done"),
            (job.MaxAttempts, job.Timeout, job.ExpiresIn, job.UniqueKey, job.UniquePolicy, job.UniqueUntil, job.LimitKey, job.Callback));
    }
}
