using System.Net;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleSignInTests
{
    [Fact]
    public async Task With_keys_every_page_leads_to_the_sign_in_and_back()
    {
        await using var host = await ConsoleHost.StartAsync("/ops", keys: true);
        BusyNode.Fill(host);
        using var turned = await host.GetAsync("/jobs?state=failed");
        Assert.Equal(HttpStatusCode.SeeOther, turned.StatusCode);
        Assert.Equal("/ops/sign-in?returnTo=%2Fops%2Fjobs%3Fstate%3Dfailed", turned.Headers.Location?.ToString());
        var page = await host.PageAsync("/sign-in?returnTo=%2Fops%2Fjobs%3Fstate%3Dfailed");
        Assert.Null(page.QuerySelector("nav"));
        using var signedIn = await host.SendAsync(ConsoleHost.Form(page, "sign-in"), ("key", "admin-key"));
        Assert.Equal("/ops/jobs?state=failed", signedIn.Headers.Location?.ToString());
        Assert.Equal("admin", (await host.PageAsync("/jobs")).QuerySelector(".who")?.TextContent);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        var page = await host.PageAsync("/sign-in");
        using var answer = await host.SendAsync(ConsoleHost.Form(page, "sign-in"), ("key", "admin-key"));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith("actorperf-console=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("; secure", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_scheme_is_left_behind_that_the_application_would_take_as_its_default()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        Assert.Null(host.Services.GetService(typeof(Microsoft.AspNetCore.Authentication.IAuthenticationSchemeProvider)));
    }

    [Fact]
    public async Task A_cookie_that_was_tampered_with_signs_nobody_in()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/queues", UriKind.Relative));
        request.Headers.Add("Cookie", "actorperf-console=CfDJ8AAAAAAAAAAAforged");
        using var answer = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("node.example", false)]
    [InlineData("127.0.0.1.example", false)]
    public void Only_loopback_names_do_without_tls(string host, bool loopback) => Assert.Equal(loopback, ConsoleSession.IsLoopback(host));

    [Fact]
    public async Task A_wrong_key_is_refused_and_guessing_is_slowed_down()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        var page = await host.PageAsync("/sign-in");
        for (var i = 0; i < SignInAttempts.FromOneAddress; i++)
        {
            using var refused = await host.SendAsync(ConsoleHost.Form(page, "sign-in"), ("key", "guess"));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        using var stopped = await host.SendAsync(ConsoleHost.Form(page, "sign-in"), ("key", "admin-key"));
        Assert.Equal(HttpStatusCode.TooManyRequests, stopped.StatusCode);
        Assert.Equal("60", stopped.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task A_reader_sees_no_actions_and_is_refused_on_the_server_too()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("reader-key");
        var job = await host.PageAsync($"/jobs/{Sample.Id(BusyNode.RunningJob)}");
        Assert.Null(job.QuerySelector("form[action$='/cancel'], a[href*='submit?from']"));
        Assert.Null((await host.PageAsync("/cache")).QuerySelector("form[action$='cache/invalidate']"));
        Assert.Null((await host.PageAsync("/submit?task=square")).QuerySelector("main form"));
        var token = job.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "";
        string[] links = [$"/jobs/{Sample.Id(BusyNode.RunningJob)}/cancel", "/cache/invalidate", "/submit", "/tour/watch"];
        foreach (var link in links)
        {
            using var answer = await host.PostAsync(link, [new("__RequestVerificationToken", token), new("task", "square"), new("all", "yes")]);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        Assert.Empty(host.Jobs.Cancelled);
        Assert.Empty(host.Jobs.Submissions);
        Assert.Empty(host.Compute.Invalidations);
    }

    [Fact]
    public async Task A_key_bound_to_namespaces_changes_nothing_that_is_of_all_of_them()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Fill(host);
        await host.SignInAsync("operator-key");
        var page = await host.PageAsync("/queues/io");
        Assert.Null(page.QuerySelector("form[action*='/queues/']"));
        Assert.Null((await host.PageAsync("/queues")).QuerySelector("form[action$='/pause']"));
        Assert.Null((await host.PageAsync("/cluster/self")).QuerySelector("form[action$='/leave'], table.actors"));
        Assert.Null((await host.PageAsync("/load")).QuerySelector("form[action$='/load']"));
        var token = page.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "";
        foreach (var link in new[] { "/queues/io/pause", "/queues/io/limits", "/queues/io/reset", "/cluster/self/leave", "/load", "/traces/reset" })
        {
            using var answer = await host.PostAsync(link, [new("__RequestVerificationToken", token)]);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("your key is bound to some", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        Assert.Empty(host.Jobs.Changes);
        Assert.Empty(host.Cluster.Told);
    }

    [Fact]
    public async Task A_key_bound_to_namespaces_sees_no_other()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        await host.SignInAsync("reader-key");
        var page = await host.PageAsync("/jobs?ns=tenant-b", HttpStatusCode.Forbidden);
        Assert.Contains("not bound to the namespace 'tenant-b'", page.QuerySelector(".failure")?.TextContent, StringComparison.Ordinal);
        using var stream = await host.GetAsync("/console/events?view=jobs&ns=tenant-b");
        Assert.Equal(HttpStatusCode.Forbidden, stream.StatusCode);
    }

    [Theory]
    [InlineData("webhooks")]
    [InlineData("webhooks&name=billing")]
    [InlineData("traces")]
    [InlineData("trace-totals&by=calls")]
    public async Task What_a_page_does_not_show_its_stream_does_not_tell(string view)
    {
        await using var readers = await ConsoleHost.StartAsync(keys: true);
        FakeWork.Fill(readers);
        await readers.SignInAsync("reader-key");
        using var told = await readers.GetAsync($"/console/events?view={view}");
        Assert.Equal(HttpStatusCode.NotFound, told.StatusCode);
        await using var host = await ConsoleHost.StartAsync(keys: true);
        FakeWork.Fill(host);
        await host.SignInAsync("admin-key");
        await using var stream = await EventReader.OpenAsync(host, $"/console/events?view={view}");
        Assert.NotNull((await stream.NextFrameAsync())["shape"]);
    }

    [Fact]
    public async Task Signing_out_and_revoking_end_the_session()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        await host.SignInAsync("admin-key");
        var page = await host.PageAsync("/queues");
        var token = page.QuerySelector("form.account input")?.GetAttribute("value") ?? "";
        using (var signedOut = await host.PostAsync("/sign-out", [new("__RequestVerificationToken", token)])) Assert.Equal("/sign-in", signedOut.Headers.Location?.ToString());
        using (var turned = await host.GetAsync("/queues")) Assert.Equal(HttpStatusCode.SeeOther, turned.StatusCode);
        await host.SignInAsync("admin-key");
        host.SignIn?.Revoked.Add("admin");
        using var revoked = await host.GetAsync("/queues");
        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
    }

    [Fact]
    public async Task A_stream_without_a_session_is_401_and_lines_carry_the_key()
    {
        await using var host = await ConsoleHost.StartAsync(keys: true);
        BusyNode.Tasks(host.Catalog);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/console/events?view=overview", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await host.SignInAsync("admin-key");
        Assert.Contains("Authorization: Bearer $ACTORPERF_KEY", (await host.PageAsync("/submit?task=square")).QuerySelector("pre")?.TextContent, StringComparison.Ordinal);
    }
}
