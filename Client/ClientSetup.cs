using ActorPerf.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Client;

public static class ClientSetup
{
    /// <summary>Registers <see cref="IJobs"/> as the jobs of a node in another process.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IServiceCollection AddActorPerfClient(this IServiceCollection services, ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new HttpJobs(options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IJobs>(provider => provider.GetRequiredService<HttpJobs>());
        return services;
    }
}
