using ActorPerf.Setup;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mounted;

/// <summary>An application with a sign-in of its own, whose operators find API and console under <c>/ops</c>.</summary>
public static class OpsHost
{
    /// <param name="builder">With the application's authentication: cookies, OpenID Connect, or whatever it uses.</param>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddActorPerf(builder.Configuration);
        builder.Services.AddActorPerfWeb(new HttpOptions());
        builder.Services.AddAuthorizationBuilder().AddPolicy("operators", policy => policy.RequireRole("operator"));

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/", () => "the shop");
        app.MapActorPerf("/ops").RequireAuthorization("operators");
        return app;
    }
}
