using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests;

/// <summary>Things that many tests need one of.</summary>
internal static partial class A
{
    /// <summary>The descriptor of a task's class, with services of its own.</summary>
    public static TaskDescriptor Task<TTask>(TimeProvider? time = null, Action<IServiceCollection>? configure = null)
        where TTask : class => Task(typeof(TTask), time, configure);

    public static TaskDescriptor Task(Type type, TimeProvider? time = null, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddScoped(type);
        configure?.Invoke(services);
        return TaskRegistration.From(type).Describe(null, services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>());
    }

    public static AttemptContext Context(string task, int attempt = 1, TimeProvider? time = null, IAttemptObserver? observer = null) =>
        new(null, attempt, Namespace.Default, task, time ?? TimeProvider.System, observer);
}
