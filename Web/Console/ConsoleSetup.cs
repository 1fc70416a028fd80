using ActorPerf.Web.Api;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Console.Pages;
using ActorPerf.Web.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Web.Console;

internal static class ConsoleSetup
{
    /// <summary>What the console needs besides the front doors. Register an <see cref="IConsoleSignIn"/> before, where keys are configured.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HttpOptions>();
        services.TryAddSingleton<SubmissionReader>();
        services.TryAddSingleton<ScheduleReader>();
        services.TryAddSingleton<IConsoleSignIn, OpenConsole>();
        services.TryAddSingleton<SignInAttempts>();
        services.TryAddSingleton<ConsoleSession>();
        services.TryAddSingleton<LiveTopics>();
        services.TryAddSingleton<ActorTree>();
        services.TryAddSingleton<AuditTrail>();
        services.AddAntiforgery();
        return services;
    }
}
