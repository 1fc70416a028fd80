using System.Net;
using System.Net.Http.Headers;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActorPerf.Tests.Web.Api;

public sealed class SecurityTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    private HttpClient Client => shared.Host.Client;

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.nip.example")]
    [InlineData("10.0.0.1")]
    public async Task A_foreign_host_is_refused_before_anything_else(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "version");
        request.Headers.Host = host;
        using var response = await Client.SendAsync(request);
        await response.ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("[::1]:8080")]
    public async Task Loopback_names_are_known(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "version");
        request.Headers.Host = host;
        using var response = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Configured_hosts_are_known_with_any_port_or_their_own()
    {
        await using var host = await WebHost.StartAsync(new HttpOptions { Hosts = ["jobs.example.com", "other.example.com:81"], Url = "http://node.example.com:80" });
        foreach (var (name, status) in new[]
        {
            ("jobs.example.com:1", 200), ("Jobs.example.com", 200), ("other.example.com:81", 200), ("other.example.com", 400), ("node.example.com", 200), ("localhost", 200),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "version");
            request.Headers.Host = name;
            using var response = await host.Client.SendAsync(request);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonx")]
    [InlineData("application/x-ndjson")]
    public async Task Unsafe_methods_need_json(string type)
    {
        foreach (var path in new[] { "jobs", "compute/square", "jobs/wait", "cache/invalidate", $"jobs/{Guid.NewGuid()}/cancel" })
        {
            using var response = await Client.PostAsync(path, Http.Typed("task=square", type));
            await response.ProblemAsync(415, "unsupported-media-type");
        }
    }

    [Fact]
    public async Task A_body_without_a_type_or_compressed_is_refused()
    {
        using var bare = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = new ByteArrayContent("{}"u8.ToArray()) };
        using var untyped = await Client.SendAsync(bare);
        await untyped.ProblemAsync(415, "unsupported-media-type");
        using var content = Http.Json("{}");
        content.Headers.ContentEncoding.Add("gzip");
        using var compressed = await Client.PostAsync("jobs", content);
        await compressed.ProblemAsync(415, "unsupported-media-type");
        using var charset = await Client.PostAsync("jobs", Http.Typed("""{"task": "echo"}""", "Application/JSON; charset=UTF-8"));
        Assert.Equal(HttpStatusCode.Accepted, charset.StatusCode);
    }

    [Fact]
    public async Task Only_listed_origins_may_use_the_api()
    {
        await using var host = await WebHost.StartAsync(new HttpOptions { CorsOrigins = ["https://dash.example.com"] });
        using var preflight = await SendAsync(host.Client, HttpMethod.Options, "jobs", ("Origin", "https://dash.example.com"), ("Access-Control-Request-Method", "POST"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("https://dash.example.com", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("ActorPerf-Cache", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));

        using var listed = await SendAsync(host.Client, HttpMethod.Get, "version", ("Origin", "https://dash.example.com"));
        Assert.Equal("https://dash.example.com", listed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("ETag", listed.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        Assert.Equal("Origin", listed.Headers.Vary.Single());

        foreach (var origin in new[] { "https://evil.example", "https://dash.example.com.evil.example", "http://dash.example.com", "null" })
        {
            using var foreign = await SendAsync(host.Client, HttpMethod.Get, "version", ("Origin", origin));
            await foreign.ProblemAsync(403, "forbidden");
            Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
        }
        using var own = await SendAsync(host.Client, HttpMethod.Get, "version", ("Origin", $"http://{host.Address.Authority}"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var options = await SendAsync(host.Client, HttpMethod.Options, "jobs");
        await options.ProblemAsync(405, "method-not-allowed");
    }

    [Fact]
    public async Task Every_answer_forbids_sniffing_and_framing_and_names_no_server()
    {
        foreach (var path in new[] { "version", "nothing", "jobs?limit=0" })
        {
            using var response = await Client.GetAsync(path);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Empty(response.Headers.Server);
        }
    }

    [Fact]
    public async Task Keys_decide_who_may_do_what()
    {
        var (read, submit, shop) = (ApiKey.New(), ApiKey.New(), ApiKey.New());
        var options = new HttpOptions();
        options.Auth.Keys["reader"] = new KeyOptions { Hash = ApiKey.Hash(read) };
        options.Auth.Keys["sender"] = new KeyOptions { Hash = ApiKey.Hash(submit).ToUpperInvariant().Replace("SHA256", "sha256", StringComparison.Ordinal), Scopes = ["submit"] };
        options.Auth.Keys["shop"] = new KeyOptions { Hash = ApiKey.Hash(shop), Scopes = ["operate"], Namespaces = ["shop"] };
        await using var host = await WebHost.StartAsync(options);

        using var none = await host.Client.GetAsync("jobs");
        await none.ProblemAsync(401, "unauthorized");
        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.Single().Scheme);
        foreach (var wrong in new[] { "Bearer " + ApiKey.New(), "Bearer", "Bearer ", "Basic " + read, read, "Bearer " + read + "x", "Bearer " + new string('x', 300) })
        {
            using var refused = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Authorization", wrong));
            await refused.ProblemAsync(401, "unauthorized");
        }
        using var cookie = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Cookie", $"actorperf={read}; key={read}"));
        await cookie.ProblemAsync(401, "unauthorized");
        using var query = await host.Client.GetAsync($"jobs?key={read}");
        await query.ProblemAsync(401, "unauthorized");

        using var list = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Authorization", "bearer " + read));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        using var narrow = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Authorization", "Bearer " + submit));
        var problem = await narrow.ProblemAsync(403, "forbidden");
        Assert.Contains("'read'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var other = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Authorization", "Bearer " + shop));
        await other.ProblemAsync(403, "forbidden");
        using var own = await SendAsync(host.Client, HttpMethod.Get, "jobs", ("Authorization", "Bearer " + shop), ("ActorPerf-Namespace", "shop"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var health = await host.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var openApi = await host.Client.GetAsync("/openapi/v1.json");
        await openApi.ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Every_route_is_closed_to_every_key_that_lacks_its_scope()
    {
        var scopes = new[] { "read", "submit", "operate", "admin" };
        var keys = scopes.ToDictionary(static scope => scope, static _ => ApiKey.New());
        var options = new HttpOptions();
        foreach (var (scope, key) in keys) options.Auth.Keys[scope] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = [scope] };
        await using var host = await WebHost.StartAsync(options);
        host.Client.Timeout = TimeSpan.FromSeconds(20);

        var routes = RouteCheck.Own(host.Services.GetRequiredService<EndpointDataSource>().Endpoints).ToList();
        Assert.True(routes.Count > 20);
        foreach (var route in routes)
        {
            var rule = route.Metadata.GetMetadata<AccessRule>();
            Assert.NotNull(rule);
            if (rule.Own) continue;                          // pages check for themselves and are tested where they are
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var path = route.RoutePattern.RawText!.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{task}", "echo", StringComparison.Ordinal).Replace("{name}", "echo", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
            var stranger = await StatusAsync(host.Client, method, path, null);
            if (rule.Scope == Scope.None) Assert.Contains(route.RoutePattern.RawText, Open);
            else Assert.True(stranger == 401, $"{method} {path} without a key: {stranger}");
            foreach (var (scope, key) in keys)
            {
                Scopes.TryParse(scope, out var granted);
                var status = await StatusAsync(host.Client, method, path, key);
                if ((granted & rule.Scope) == rule.Scope) Assert.False(status is 401 or 403 or >= 500, $"{method} {path} with {scope}: {status}");
                else Assert.True(status == 403, $"{method} {path} with {scope}: {status}");
            }
        }
    }

    /// <summary>All that a stranger may see. Think twice before a line is added.</summary>
    private static readonly string[] Open = ["/health/live", "/health/ready", "/console/assets/{name}"];

    [Fact]
    public async Task A_route_that_says_nothing_of_access_stops_the_start()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => WebHost.StartAsync(map: static app =>
        {
            app.MapActorPerf();
            app.MapGet("/silent", static context => Task.CompletedTask).WithMetadata(new OwnRoute(""));
        }));
        Assert.Contains("/silent", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_follow_the_configuration_and_the_last_one_taken_out_opens_nothing()
    {
        var (first, second) = (ApiKey.New(), ApiKey.New());
        var monitor = new ManualMonitor(Keys(first));
        await using var host = await WebHost.StartAsync(Keys(first), services => services.AddSingleton<IOptionsMonitor<HttpOptions>>(monitor));
        Assert.Equal(200, await StatusAsync(host.Client, "GET", "version", first));
        monitor.Set(Keys(second));
        Assert.Equal(401, await StatusAsync(host.Client, "GET", "version", first));
        Assert.Equal(200, await StatusAsync(host.Client, "GET", "version", second));
        monitor.Set(new HttpOptions());
        Assert.Equal(401, await StatusAsync(host.Client, "GET", "version", null));

        static HttpOptions Keys(string key)
        {
            var options = new HttpOptions();
            options.Auth.Keys["k"] = new KeyOptions { Hash = ApiKey.Hash(key) };
            return options;
        }
    }

    [Fact]
    public async Task The_keys_file_is_followed_within_a_second()
    {
        var (first, second) = (ApiKey.New(), ApiKey.New());
        var path = Path.Combine(Directory.CreateTempSubdirectory("keys").FullName, "keys");
        await File.WriteAllTextAsync(path, $"# keys\nfirst {ApiKey.Hash(first)} scopes=read,submit namespaces=default\nbroken line\n");
        var time = new TurnedTime();
        var options = new HttpOptions();
        options.Auth.KeysFile = path;
        await using var host = await WebHost.StartAsync(options, services => services.AddSingleton<TimeProvider>(time));
        Assert.Equal(200, await StatusAsync(host.Client, "GET", "version", first));
        await File.WriteAllTextAsync(path, $"second {ApiKey.Hash(second)}\n");
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(200, await StatusAsync(host.Client, "GET", "version", second));
        Assert.Equal(401, await StatusAsync(host.Client, "GET", "version", first));
        File.Delete(path);
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(200, await StatusAsync(host.Client, "GET", "version", second));
        Assert.Equal(401, await StatusAsync(host.Client, "GET", "version", null));
    }

    [Fact]
    public void Settings_that_cannot_stand_are_named()
    {
        Assert.Empty(new HttpOptions().Check());
        Assert.Empty(new HttpOptions { Url = "http://localhost:0;http://[::1]:8080" }.Check());
        foreach (var url in new[] { "http://0.0.0.0:8080", "http://*:8080", "http://+:80", "http://10.0.0.5:8080", "https://jobs.example.com" })
        {
            Assert.Equal("http.url", Assert.Single(new HttpOptions { Url = url }.Check()).Setting);
            var withKey = new HttpOptions { Url = url };
            withKey.Auth.Keys["k"] = new KeyOptions { Hash = ApiKey.Hash("k"), Scopes = ["read", "admin"], Namespaces = ["shop"] };
            Assert.Empty(withKey.Check());
        }
        var wrong = new HttpOptions { Url = "8080", Hosts = ["http://x"], PublicUrl = "jobs.example.com", CorsOrigins = ["*", "https://x/"], PathBase = "x/" };
        wrong.Auth.Keys["k"] = new KeyOptions { Hash = "sha256:12", Scopes = ["write"], Namespaces = ["Shop"] };
        wrong.Auth.KeysFile = "/nonexistent/keys";
        wrong.Limits.Depth = 3;
        wrong.Limits.Args = 32 << 20;
        Assert.Equal(
            ["http.url", "http.hosts", "http.public-url", "http.cors-origins", "http.cors-origins", "http.path-base", "http.auth.keys.k.hash", "http.auth.keys.k.scopes", "http.auth.keys.k.namespaces",
             "http.auth.keys-file", "http.limits.args", "http.limits.depth", "http.limits.args"],
            wrong.Check().Select(static fault => fault.Setting));
    }

    private static async Task<int> StatusAsync(HttpClient client, string method, string path, string? key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method != "GET") request.Content = Http.Json("{}");
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }
}
