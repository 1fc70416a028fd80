using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Web.Console;

internal static class ConsoleSetup
{
    /// <summary>What the console needs besides the front doors. Register an <see cref="IConsoleSignIn"/> before, where keys are configured.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IConsoleSignIn, OpenConsole>();
        services.TryAddSingleton<SignInAttempts>();
        services.TryAddSingleton<LiveTopics>();
        services.AddAntiforgery();
        services.AddAuthentication().AddCookie(ConsoleCookie.Scheme, Cookie);
        return services;
    }

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie = new ConsoleCookie { Name = "actorperf-console", HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true };
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
    }
}
