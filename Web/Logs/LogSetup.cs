using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorPerf.Web.Logs;

/// <summary>Puts the log's memory beside the host's own log providers.</summary>
internal static class LogSetup
{
    public static void AddLogBook(this IServiceCollection services)
    {
        services.AddSingleton<LogBook>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogBook>());
        services.AddSingleton<LogLevels>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevels>());
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevels>());
    }
}
