using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Access;
using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mounted;

namespace ActorPerf.Tests.Web;

/// <summary>The console and the API under a prefix of somebody's own application, behind its own sign-in: the README's example as it stands.</summary>
public sealed class MountTests
{
    [Fact]
    public async Task The_hosts_sign_in_stands_in_front_of_everything_below_the_prefix_and_of_nothing_else()
    {
        await using var app = await StartAsync();
        Assert.Equal("the shop", await app.GetStringAsync("/"));
        foreach (var path in new[] { "/ops/", "/ops/queues", "/ops/api/v1/jobs", "/ops/console/events?view=overview" })
        {
            using var stranger = await app.GetAsync(path, null);
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
            using var other = await app.GetAsync(path, "ann guest");
            Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        }
        using var let = await app.GetAsync("/ops/", "ann operator");
        var page = await ConsoleHost.ParseAsync(let);
        Assert.Equal("ann", page.QuerySelector(".who")?.TextContent);
        Assert.Null(page.QuerySelector("form.account"));
        Assert.All(page.QuerySelectorAll("a[href]:not(.skip), link[href], script[src]"), link => Assert.StartsWith("/ops/", link.GetAttribute("href") ?? link.GetAttribute("src") ?? "", StringComparison.Ordinal));
        Assert.StartsWith("/ops/console/events", page.Body?.GetAttribute("data-live-url"), StringComparison.Ordinal);
        foreach (var asset in page.QuerySelectorAll("link[href], script[src]").Select(link => link.GetAttribute("href") ?? link.GetAttribute("src") ?? ""))
        {
            using var loaded = await app.GetAsync(asset, "ann operator");
            Assert.Equal(HttpStatusCode.OK, loaded.StatusCode);
        }
    }

    [Fact]
    public async Task Whom_the_host_lets_in_needs_no_key_over_the_API_and_acts_by_forms()
    {
        await using var app = await StartAsync();
        using var computed = await app.PostAsync("/ops/api/v1/jobs", "ann operator", JsonContent.Create(new { task = "nothing" }));
        Assert.Equal(HttpStatusCode.NotFound, computed.StatusCode);                  // let in: there is no such task
        using var looked = await app.GetAsync("/ops/queues/mail", "ann operator");
        var form = (IHtmlFormElement)(await ConsoleHost.ParseAsync(looked)).QuerySelector("form[action$=pause]")!;
        var fields = form.QuerySelectorAll("input").OfType<IHtmlInputElement>().ToDictionary(input => input.Name ?? "", input => input.Value);
        using var paused = await app.PostAsync(form.GetAttribute("action")!, "ann operator", new FormUrlEncodedContent(fields));
        Assert.Equal(HttpStatusCode.SeeOther, paused.StatusCode);
        Assert.Equal("/ops/queues/mail", paused.Headers.Location?.ToString());
        using var other = await app.PostAsync(form.GetAttribute("action")!, "bob operator", new FormUrlEncodedContent(fields));
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);                   // the form was ann's
        using var audit = await app.GetAsync("/ops/api/v1/audit", "ann operator");
        Assert.Contains("\"ann\"", await audit.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_of_the_host_narrow_what_a_user_may_do_and_see()
    {
        await using var app = await StartAsync();
        using var reads = await app.GetAsync("/ops/queues/mail", "ann operator read");
        Assert.Empty((await ConsoleHost.ParseAsync(reads)).QuerySelectorAll("main form"));
        using var refused = await app.PostAsync("/ops/api/v1/compute/nothing", "ann operator read", JsonContent.Create(new { }));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var elsewhere = await app.GetAsync("/ops/queues?ns=tenant-b", "ann operator read tenant-a");
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        using var home = await app.GetAsync("/ops/queues", "ann operator read tenant-a");
        Assert.Contains("tenant-a", (await ConsoleHost.ParseAsync(home)).QuerySelector(".whose")?.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consoles_cookies_go_nowhere_else_in_the_host()
    {
        await using var app = await StartAsync();
        using var page = await app.GetAsync("/ops/queues", "ann operator");
        var form = (await ConsoleHost.ParseAsync(page)).QuerySelector("form[action$='console/theme']")!;
        var fields = form.QuerySelectorAll("input").OfType<IHtmlInputElement>().ToDictionary(input => input.Name ?? "", input => input.Value);
        fields["theme"] = "dark";
        using var set = await app.PostAsync(form.GetAttribute("action")!, "ann operator", new FormUrlEncodedContent(fields));
        Assert.Contains(set.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("actorperf-theme=dark", StringComparison.Ordinal) && cookie.Contains("path=/ops;", StringComparison.Ordinal));
        Assert.Equal("/ops", form.GetAttribute("data-path"));
    }

    private static async Task<MountedApp> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("actorperf:storage:provider", "memory"), new("actorperf:task-folder:path", "")]);
        builder.Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, NamedInHeader>("test", null);
        var app = OpsHost.Build(builder);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new MountedApp(app);
    }

    private sealed class MountedApp(WebApplication app) : IAsyncDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(app.Urls.First()) };

        public Task<string> GetStringAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> GetAsync(string path, string? user) => SendAsync(HttpMethod.Get, path, user, null);

        public Task<HttpResponseMessage> PostAsync(string path, string user, HttpContent content) => SendAsync(HttpMethod.Post, path, user, content);

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await app.DisposeAsync();
        }

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? user, HttpContent? content)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
            if (user is not null) request.Headers.Add("X-User", user);
            return await _http.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Stands for the host's sign-in: the header holds a name, a role, and further words that become claims.</summary>
    private sealed class NamedInHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"].ToString().Split(' ') is not [{ Length: > 0 } name, var role, .. var words]) return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new(ClaimTypes.Name, name), new(ClaimTypes.Role, role)], "test");
            foreach (var word in words) identity.AddClaim(new Claim(word == "read" ? ConsoleRights.ScopeClaim : ConsoleRights.NamespaceClaim, word));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "test")));
        }
    }
}
