using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Load.Figures;

public static class FiguresSetup
{
    /// <summary>Registers <see cref="LoadRuns"/> and where reports are kept; needs <see cref="ILoadTests"/> and <see cref="LoadOptions"/>.</summary>
    /// <param name="version">Of the program, for the reports.</param>
    public static IServiceCollection AddLoadReports(this IServiceCollection services, string version)
    {
        services.TryAddSingleton<ILoadReports>(static provider =>
        {
            var options = provider.GetRequiredService<LoadOptions>();
            return new LoadReports(options.Directory, options.KeepReports);
        });
        services.TryAddSingleton(new LoadRunsOf(version));
        services.TryAddSingleton<LoadRuns>();
        return services;
    }
}
