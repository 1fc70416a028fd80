using ActorPerf.Jobs.Operations;
using System.Net;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.Tests.Load;
using ActorPerf.Tracing;
using ActorPerf.Web;
using ActorPerf.Web.Console;
using ActorPerf.Web.Console.Access;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>The console over fakes, served on a free loopback port, and a browser without script to look at it.</summary>
internal sealed class ConsoleHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private ConsoleHost(WebApplication app, HttpClient http, string prefix, FakeSignIn? signIn)
    {
        (_app, _http, Prefix, SignIn) = (app, http, prefix, signIn);
    }

    public string Prefix { get; }
    public FakeJobs Jobs => (FakeJobs)_app.Services.GetRequiredService<IJobs>();
    public FakeCompute Compute => (FakeCompute)_app.Services.GetRequiredService<ICompute>();
    public FakeCluster Cluster => (FakeCluster)_app.Services.GetRequiredService<ICluster>();
    public FakeCatalog Catalog => (FakeCatalog)_app.Services.GetRequiredService<ITaskCatalog>();
    public FakeTimelines Timelines => (FakeTimelines)_app.Services.GetRequiredService<ITimelines>();
    public FakeTraces Traces => (FakeTraces)_app.Services.GetRequiredService<ITraces>();
    public FakeSignIn? SignIn { get; }
    public HttpClient Http => _http;
    public IServiceProvider Services => _app.Services;

    /// <summary>Where it listens, without the prefix.</summary>
    public Uri Address => _http.BaseAddress ?? throw new InvalidOperationException("The host has no address.");

    /// <param name="prefix">Where the console is mounted, such as <c>/ops</c>.</param>
    /// <param name="pathBase">What a proxy in front would strip.</param>
    /// <param name="at">Where to listen; null: on a free port.</param>
    public static async Task<ConsoleHost> StartAsync(string prefix = "", string pathBase = "", bool keys = false, TimeProvider? time = null, Uri? at = null)
    {
        var signIn = keys ? new FakeSignIn() : null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(at?.ToString() ?? "http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        builder.Services.AddSingleton(time ?? new StoppedClock(FakeJobs.Noon));
        builder.Services.AddSingleton<IAudit>(_ => new MemoryStorage(TimeProvider.System, new Random(1)).Operators);
        builder.Services.AddSingleton<IJobs, FakeJobs>().AddSingleton<IQueues>(static provider => (FakeJobs)provider.GetRequiredService<IJobs>()).AddSingleton<ICompute, FakeCompute>().AddSingleton<ICluster, FakeCluster>().AddSingleton<ITaskCatalog, FakeCatalog>();
        builder.Services.AddSingleton<IData>(static _ => new DataService(
            new MemoryStorage(TimeProvider.System, new Random(1)).Entities, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance));
        builder.Services.AddSingleton<ITimelines, FakeTimelines>();
        builder.Services.AddSingleton<ITraces, FakeTraces>();
        builder.Services.AddSingleton<ActorPerf.Kernel.IActorInspector, Api.FakeActors>();
        if (signIn is not null) builder.Services.AddSingleton<IConsoleSignIn>(signIn);
        builder.Services.AddFakeWork();
        builder.Services.AddFakeLoad();
        builder.Services.AddConsole();
        var app = builder.Build();
        if (pathBase.Length > 0) app.UsePathBase(pathBase);
        app.UseRouting();
        var root = app.MapGroup(prefix);
        root.AnswersHead();
        ConsoleEndpoints.Map(root);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.First()
            ?? throw new InvalidOperationException("The server does not say where it listens.");
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
        return new ConsoleHost(app, new HttpClient(handler) { BaseAddress = new Uri(address) }, pathBase + prefix, signIn);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(Prefix + path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>A page, parsed; fails when it is not answered with <paramref name="status"/>.</summary>
    public async Task<IDocument> PageAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
        return await ParseAsync(answer);
    }

    public static async Task<IDocument> ParseAsync(HttpResponseMessage answer)
    {
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return await BrowsingContext.New(AngleSharp.Configuration.Default).OpenAsync(request => request.Content(html).Address(answer.RequestMessage?.RequestUri?.ToString() ?? ""), TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a form as a browser would: what stands in its fields, changed by <paramref name="entries"/>.</summary>
    public Task<HttpResponseMessage> SendAsync(IHtmlFormElement form, params (string Name, string Value)[] entries)
    {
        var fields = form.QuerySelectorAll("input[name], textarea[name], select[name]").Where(field => field is not IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: false })
            .ToDictionary(field => field.GetAttribute("name") ?? "", Value, StringComparer.Ordinal);
        foreach (var (name, value) in entries) fields[name] = value;
        return PostAsync(form.GetAttribute("action") ?? "", fields);
    }

    public async Task<HttpResponseMessage> PostAsync(string link, IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        return await _http.PostAsync(new Uri(link, UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    /// <summary>Signs in with a key; the cookie stays with <see cref="Http"/>.</summary>
    public async Task SignInAsync(string key)
    {
        var page = await PageAsync("/sign-in");
        using var answer = await SendAsync(Form(page, "sign-in"), ("key", key));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    /// <summary>The form whose action ends so.</summary>
    public static IHtmlFormElement Form(IDocument page, string action) =>
        (IHtmlFormElement)(page.QuerySelector($"main form[action$='{action}']") ?? throw new InvalidOperationException($"The page has no form to '{action}'."));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private static string Value(IElement field) => field switch
    {
        IHtmlInputElement input => input.Value,
        IHtmlTextAreaElement area => area.Value,
        IHtmlSelectElement select => select.Value ?? "",
        _ => "",
    };

    /// <summary>Stands still, but lets timers run: pages say the same every time.</summary>
    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
