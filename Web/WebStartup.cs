using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Web;

/// <summary>Puts the pipeline in front of the host's own, so that no host can forget it, and checks the routes once they are all there.</summary>
internal sealed class WebStartup(HttpOptions options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (options.PathBase.Length > 0) app.UsePathBase(options.PathBase);
        var services = app.ApplicationServices;
        app.Use(rest => new WebPipeline(rest, services.Mount(), services.GetRequiredService<HostCheck>(), services.GetRequiredService<Cors>(), services.GetRequiredService<HostTraces>().Unrouted).InvokeAsync);
        next(app);
        RouteCheck.Run(services.GetRequiredService<EndpointDataSource>().Endpoints);
    };
}
