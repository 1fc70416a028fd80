using ActorPerf.Data;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Api;
using ActorPerf.Web.Console;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Logs;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Web;

/// <summary>Puts ActorPerf's HTTP API and console into an ASP.NET Core host.</summary>
public static class WebSetup
{
    private const string BasePath = "/api/v1";

    /// <summary>Registers the web part. The host registers <c>IJobs</c>, <c>ICompute</c>, <c>ITaskCatalog</c> and <c>ICluster</c> (<c>AddActorPerf()</c> does).</summary>
    /// <param name="options">Checked by <see cref="HttpOptions.Check"/> before. Keys may change later: whatever configures
    /// <see cref="HttpOptions"/> with a change token behind this call is followed (<c>services.Configure&lt;HttpOptions&gt;</c>).</param>
    public static IServiceCollection AddActorPerfWeb(this IServiceCollection services, HttpOptions options)
    {
        services.AddRouting();
        services.AddOptions<HttpOptions>().Configure(options.CopyTo);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        // Of the node, where there is one here; a host that has only the front doors still counts its routes.
        services.TryAddSingleton(provider => new TraceCollector(new TracingOptions(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ITraces>(provider => provider.GetRequiredService<TraceCollector>());
        services.AddSingleton<WebMount>();
        services.AddSingleton<HostCheck>();
        services.AddSingleton<Cors>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<AccessCheck>();
        services.AddSingleton<StreamGate>();
        services.AddSingleton<FaultShield>();
        services.AddSingleton<HostTraces>();
        services.AddSingleton<FrontDoors>();
        services.AddLoadReports(VersionEndpoint.Version);
        services.AddSingleton<SubmissionReader>();
        services.AddSingleton<Auditor>();
        services.AddSingleton<ApiRoutes>();
        services.AddSingleton<IStartupFilter, WebStartup>();
        services.AddLogBook();
        services.AddActorPerfOpenApi();
        services.AddSingleton<IConsoleSignIn, KeySignIn>();
        services.AddConsole();
        return services;
    }

    /// <summary>Gives each request of the host's own endpoints a <see cref="DataScope"/>: what it reads it reads once, and what it starts to write is done before it is answered.</summary>
    /// <remarks>
    /// Writes that were started and not awaited are awaited before the first byte of the answer goes out, and those started later at its end. Where one fails, or is still under way
    /// after the time of <c>actorperf.data.drain-timeout</c>, the answer becomes a problem with status 5xx; where it had begun, the failure is logged and the connection broken, so that half of it never looks
    /// like the whole. An exception of the endpoint's own comes first and goes on to the host. Requests of <see cref="MapActorPerf"/> pass through. To be called in front of the
    /// endpoints, behind <c>UseRouting</c> and <c>UseAuthentication</c> where the host calls these itself.
    /// </remarks>
    /// <param name="ns">Whose data a request works with, such as a claim of its caller; what it throws is the host's. Null: the namespace of the header <c>ActorPerf-Namespace</c>, else <c>default</c>;
    /// then whoever may call an endpoint may name any namespace.</param>
    public static IApplicationBuilder UseActorPerfData(this IApplicationBuilder app, Func<HttpContext, Namespace?>? ns = null)
    {
        var services = app.ApplicationServices;
        return app.Use(next => new DataScopeMiddleware(next, services.GetRequiredService<FrontDoors>(), services.Mount(), services.GetRequiredService<FaultShield>(), services.GetRequiredService<HostTraces>(), ns).InvokeAsync);
    }

    /// <summary>Maps the API under <c>/api/v1</c>, health, OpenAPI and the console.</summary>
    /// <param name="prefix">Where in the host: empty, or a path that begins with a slash and does not end with one. Everything below it belongs to ActorPerf.</param>
    /// <returns>All of it, for conventions of the host's own. <c>RequireAuthorization("operators")</c> puts the host's authentication in front, in place of keys: whoever
    /// it lets in may do everything, or what their claims <c>actorperf:scope</c> and <c>actorperf:namespace</c> say.</returns>
    public static IEndpointConventionBuilder MapActorPerf(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        var services = endpoints.ServiceProvider;
        services.Mount().Prefix = prefix;
        var root = endpoints.MapGroup(prefix);
        var shield = services.GetRequiredService<FaultShield>();
        root.WithMetadata(new OwnRoute(prefix));
        root.AnswersHead();
        ((IEndpointConventionBuilder)root).Finally(endpoint => endpoint.RequestDelegate = shield.Around(endpoint.RequestDelegate
            ?? throw new InvalidOperationException($"Route {endpoint.DisplayName} has no handler.")));

        var access = services.GetRequiredService<AccessCheck>();
        services.GetRequiredService<ApiRoutes>().Map(new ApiMap(root.MapGroup(BasePath), BasePath, access, services.GetRequiredService<Auditor>(), services.GetRequiredService<TraceCollector>()));
        services.GetRequiredService<ApiRoutes>().MapBeside(root);
        ApiDocument.Map(root, access);
        ConsoleEndpoints.Map(root);
        return root;
    }

    /// <summary>Sets the server's limits: sizes, times, connections; no Server header.</summary>
    public static void ConfigureKestrel(KestrelServerOptions server, HttpOptions options)
    {
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;
        var limits = server.Limits;
        limits.MaxRequestBodySize = Math.Max(options.Limits.StreamBody, options.Limits.ArrayBody);   // each route takes less
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MaxConcurrentConnections = 12_000;
        limits.MaxConcurrentUpgradedConnections = 0;
    }
}
