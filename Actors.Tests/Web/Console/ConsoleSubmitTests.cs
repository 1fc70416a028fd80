using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleSubmitTests
{
    [Fact]
    public async Task A_form_is_made_from_the_schema()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/submit?task=report");
        Assert.Equal(
            ["input arg.customer", "select arg.format", "select arg.draft", "input arg.scale", "textarea arg.filter"],
            page.QuerySelectorAll("form [name^='arg.']").Select(field => $"{field.LocalName} {field.GetAttribute("name")}"));
        Assert.Equal(["", "pdf", "html", "csv"], page.QuerySelectorAll("[name='arg.format'] option").Select(option => option.GetAttribute("value")));
        Assert.All(page.QuerySelectorAll("form [name^='arg.']"), field => Assert.NotNull(page.QuerySelector($"label[for='{field.Id}']")));
    }

    [Fact]
    public async Task What_is_filled_in_becomes_a_job()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/submit?task=report");
        using var answer = await host.SendAsync(
            ConsoleHost.Form(page, "/submit"), ("how", "job"), ("arg.customer", "O'Neil & <co>"), ("arg.draft", "true"), ("arg.scale", "1.10"), ("arg.filter", """{"year": 2026}"""),
            ("queue", "mail"), ("priority", "9"), ("delay", "1h30m"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var sent = Assert.Single(host.Jobs.Submissions);
        Assert.Equal(("report", "mail", 9, TimeSpan.FromMinutes(90)), (sent.Task, sent.Queue, sent.Priority, sent.Delay));
        Assert.Equal("""{"customer":"O'Neil & <co>","draft":true,"scale":1.10,"filter":{"year": 2026}}""", Encoding.UTF8.GetString(sent.Args.Span));
    }

    [Fact]
    public async Task Faults_stand_beside_their_fields_and_what_was_typed_stays()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/submit?task=square");
        using var answer = await host.SendAsync(ConsoleHost.Form(page, "/submit"), ("how", "job"), ("arg.n", "twelve"), ("arg.delay", "soon"), ("priority", "11"), ("delay", "-3s"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var again = await ConsoleHost.ParseAsync(answer);
        Assert.Equal(["arg.n", "arg.delay", "priority", "delay"], again.QuerySelectorAll("[aria-invalid=true]").Select(field => field.GetAttribute("name")));
        Assert.Equal("twelve", again.QuerySelector("[name='arg.n']")?.GetAttribute("value"));
        Assert.Contains("no integer", again.GetElementById("arg.n-fault")?.TextContent, StringComparison.Ordinal);
        Assert.Empty(host.Jobs.Submissions);
    }

    [Fact]
    public async Task A_refusal_of_the_front_door_is_shown_at_its_pointer()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        host.Jobs.Refuse = _ => Refusal.Invalid("invalid-args", "The arguments do not fit.", new FieldFault("/args/n", "n must be at most 9."), new FieldFault("/dependsOn", "Too many."));
        var page = await host.PageAsync("/submit?task=square");
        using var answer = await host.SendAsync(ConsoleHost.Form(page, "/submit"), ("how", "job"), ("arg.n", "12"));
        var again = await ConsoleHost.ParseAsync(answer);
        Assert.Equal("n must be at most 9.", again.GetElementById("arg.n-fault")?.TextContent);
        Assert.Contains("/dependsOn", again.QuerySelector(".refusal li")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Computing_answers_on_the_page()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/submit?task=square");
        using (var answer = await host.SendAsync(ConsoleHost.Form(page, "/submit"), ("how", "compute"), ("arg.n", "12")))
            Assert.Equal("144", (await ConsoleHost.ParseAsync(answer)).QuerySelector(".computed pre")?.TextContent);
        Assert.Equal("""{"n":12}""", Encoding.UTF8.GetString(Assert.Single(host.Compute.Calls).Args.Span));
        host.Compute.Outcome = new ComputeOutcome.Failed(new TaskError("OverflowException", "too big"));
        using var failed = await host.SendAsync(ConsoleHost.Form(page, "/submit"), ("how", "compute"), ("arg.n", "13"));
        Assert.Equal("OverflowException", (await ConsoleHost.ParseAsync(failed)).QuerySelector(".computed code")?.TextContent);
    }

    [Fact]
    public async Task Another_like_this_starts_with_the_old_arguments()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        host.Jobs.All.Add(Sample.Job("square", JobState.Failed, queue: "mail", args: """{"n":123456789012345678901,"delay":"5s"}"""));
        var page = await host.PageAsync($"/submit?from={Sample.Id(1)}");
        Assert.Equal(
            ["123456789012345678901", "5s", "mail"],
            new[] { "arg.n", "arg.delay", "queue" }.Select(name => page.QuerySelector($"[name='{name}']")?.GetAttribute("value")));
    }

    [Fact]
    public async Task Lines_follow_what_is_typed()
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        BusyNode.Tasks(host.Catalog);
        var page = await host.PageAsync("/submit?task=square");
        var form = ConsoleHost.Form(page, "/submit");
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "";
        using var answer = await host.PostAsync(form.GetAttribute("data-lines") ?? "", [new("__RequestVerificationToken", token), new("task", "square"), new("arg.n", "7"), new("priority", "8")]);
        var lines = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("""actorperf submit square '{"n":7}' --priority 8 --wait""", lines?["job-3"]?.GetValue<string>());
        Assert.Equal(
            $$"""answer = requests.post("{{host.Address}}ops/api/v1/compute/square", json={"n": 7}).json()""", lines?["compute-2"]?.GetValue<string>());
    }

    [Fact]
    public async Task Quotes_survive_every_language()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Tasks(host.Catalog);
        var args = Uri.EscapeDataString("""{"customer":"O'Neil \"x\"","draft":true}""");
        var page = await host.PageAsync($"/submit?task=report&args={args}");
        var lines = page.QuerySelectorAll("[data-call^='compute-']").Select(code => code.TextContent).ToList();
        Assert.Contains("""'{"customer":"O'\''Neil \"x\"","draft":true}'""", lines[0], StringComparison.Ordinal);
        Assert.Contains("""""new StringContent("""{"customer":"O'Neil \"x\"","draft":true}""", null""""", lines[1], StringComparison.Ordinal);
        Assert.Contains("""json={"customer": "O'Neil \"x\"", "draft": True}""", lines[2], StringComparison.Ordinal);
    }
}
