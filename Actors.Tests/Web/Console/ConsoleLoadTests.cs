using System.Net;
using ActorPerf.Load;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Pages.LoadTests;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleLoadTests
{
    private const string Ended = "0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11";

    [Fact]
    public async Task The_form_starts_a_run_and_shows_before_what_would_be_sent()
    {
        await using var host = await ConsoleHost.StartAsync();
        var tests = host.Services.GetRequiredService<FakeLoadTests>();
        var form = ConsoleHost.Form(await host.PageAsync("/load"), "load");
        (string, string)[] fields = [("scenario", "submit"), ("users", "25"), ("spawnRate", "5"), ("runTime", "2m"), ("model", "users"), ("thresholds", "checks:rate>0.9\nhttp_req_failed:rate<0.01 abort"), ("tags", "fast")];
        using var shown = await host.SendAsync(form, [.. fields, ("act", "review")]);
        var review = (await ConsoleHost.ParseAsync(shown)).QuerySelector("#review")!.TextContent;
        Assert.Contains("25 users, 5 more a second", review, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", review, StringComparison.Ordinal);
        Assert.Empty(tests.Started);
        using var started = await host.SendAsync(form, [.. fields, ("act", "start")]);
        Assert.Equal(HttpStatusCode.SeeOther, started.StatusCode);
        var plan = Assert.Single(tests.Started);
        Assert.Equal((25, TimeSpan.FromMinutes(2), 2), (Assert.IsType<LoadModel.Closed>(plan.Model).Users, plan.RunTime, plan.Thresholds.Count));
        Assert.Equal(["fast"], plan.Tags);
        Assert.Equal($"/load/{tests.Runs[0].Id}", started.Headers.Location?.ToString());
    }

    [Fact]
    public async Task A_rate_makes_an_open_model_and_leaves_the_fields_of_users_unread()
    {
        await using var host = await ConsoleHost.StartAsync();
        var form = ConsoleHost.Form(await host.PageAsync("/load"), "load");
        using var started = await host.SendAsync(form, ("model", "rate"), ("rate", "50"), ("maxUsers", "20"), ("users", "not read"), ("stages", "30s:100 1m:0"), ("runTime", ""));
        Assert.Equal(HttpStatusCode.SeeOther, started.StatusCode);
        var open = Assert.IsType<LoadModel.Open>(Assert.Single(host.Services.GetRequiredService<FakeLoadTests>().Started).Model);
        Assert.Equal((50d, 20, 2), (open.Rate, open.MaxUsers, open.Stages.Count));
    }

    [Theory]
    [InlineData("host", "http://example.com", "needs leave|need leave")]
    [InlineData("users", "many", "whole number")]
    [InlineData("thresholds", "fast", "is no threshold")]
    [InlineData("stages", "100", "is no stage")]
    public async Task What_is_wrong_stands_at_its_field(string field, string value, string message)
    {
        await using var host = await ConsoleHost.StartAsync();
        var form = ConsoleHost.Form(await host.PageAsync("/load"), "load");
        using var answer = await host.SendAsync(form, ("model", "users"), (field, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await ConsoleHost.ParseAsync(answer);
        var fault = page.GetElementById(field)!.Closest(".field")!.QuerySelector(".fault")!.TextContent;
        Assert.Contains(message.Split('|'), one => fault.Contains(one, StringComparison.Ordinal));
        Assert.Empty(host.Services.GetRequiredService<FakeLoadTests>().Started);
    }

    [Fact]
    public async Task A_run_that_goes_on_can_be_changed_and_stopped()
    {
        await using var host = await ConsoleHost.StartAsync();
        var id = FakeLoad.Fill(host.Services);
        var page = await host.PageAsync($"/load/{id}");
        Assert.NotNull(page.QuerySelector("body[data-live-url*='view=load']"));
        Assert.Equal(6, page.QuerySelectorAll("#charts figure").Length);
        using var edited = await host.SendAsync(ConsoleHost.Form(page, $"{id}/edit"), ("users", "40"));
        Assert.Equal(HttpStatusCode.SeeOther, edited.StatusCode);
        Assert.Equal(new LoadEdit(40), Assert.Single(host.Services.GetRequiredService<FakeLoadTests>().Edits));
        using var nothing = await host.SendAsync(ConsoleHost.Form(page, $"{id}/edit"));
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        using var stopped = await host.SendAsync(ConsoleHost.Form(page, $"{id}/stop"));
        Assert.Equal(HttpStatusCode.SeeOther, stopped.StatusCode);
        Assert.Null((await host.PageAsync($"/load/{id}")).QuerySelector("body[data-live-url]"));
    }

    [Fact]
    public async Task Past_runs_are_listed_read_compared_and_saved()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeLoad.Fill(host.Services, "before the index");
        var page = await host.PageAsync("/load");
        Assert.Equal(2, page.QuerySelectorAll("table[data-table] tbody tr").Length);
        var run = await host.PageAsync($"/load/{Ended}");
        Assert.Contains("Threshold failed", run.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("status 503", run.Body!.TextContent, StringComparison.Ordinal);
        Assert.Single(run.QuerySelectorAll("script[src*='/chart-']"));
        var compared = await host.PageAsync($"/load/compare?a={Ended}&b=0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a12");
        Assert.Equal(3, compared.QuerySelectorAll("figure").Length);
        Assert.Contains("-100 %", compared.Body!.TextContent, StringComparison.Ordinal);
        using var report = await host.GetAsync($"/load/{Ended}/report.html");
        Assert.Contains("style-src 'unsafe-inline'", Assert.Single(report.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        using var csv = await host.GetAsync($"/load/{Ended}/stats.csv");
        Assert.Equal("attachment", csv.Content.Headers.ContentDisposition?.DispositionType);
        using var none = await host.GetAsync($"/load/{Ended}/nothing.csv");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task With_fewer_than_two_runs_there_is_nothing_to_compare()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Contains("Not two runs", (await host.PageAsync("/load/compare")).Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("No run has left a report yet", (await host.PageAsync("/load")).Body!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, LoadState.Running, 60, 1)]
    [InlineData(90, LoadState.Running, 120, 1)]
    [InlineData(250, LoadState.Running, 300, 1)]
    [InlineData(700, LoadState.Running, 300, 3)]
    [InlineData(90, LoadState.Finished, 90, 1)]
    [InlineData(3_600, LoadState.Finished, 300, 12)]
    public void A_timeline_shows_all_of_a_run_on_an_even_grid(int seconds, LoadState state, int points, int step)
    {
        var run = ActorPerf.Tests.Load.Figures.SampleRun.Report(state: state).Run with
        {
            Elapsed = TimeSpan.FromSeconds(seconds),
            History = [.. Enumerable.Range(1, seconds).Select(second => new LoadPoint(TimeSpan.FromSeconds(second), second, 0, 1, 0, 0))],
        };
        var timeline = new LoadTimeline(run);
        Assert.Equal((points, step), (timeline.Count, timeline.Step));
        var users = timeline.Peak(point => point.Users);
        Assert.Equal((points, (double)seconds), (users.Count, users[^1]));
        Assert.Equal(Math.Min(points, (seconds + step - 1) / step), users.Count(value => value > 0));
    }

    [Fact]
    public void A_point_that_comes_late_leaves_no_hole()
    {
        var run = ActorPerf.Tests.Load.Figures.SampleRun.Report().Run with
        {
            Elapsed = TimeSpan.FromSeconds(4),
            History = [.. new[] { 1.0, 2.0, 3.1, 3.9 }.Select(second => new LoadPoint(TimeSpan.FromSeconds(second), 5, 0, 1, 0, 0))],
        };
        Assert.Equal([5, 5, 5, 5], new LoadTimeline(run).Peak(point => point.Users));
    }
}
