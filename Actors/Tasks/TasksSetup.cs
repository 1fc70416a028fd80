using System.Reflection;
using ActorPerf.Tasks.Commands;
using ActorPerf.Tasks.Fetching;
using ActorPerf.Tasks.Shipped;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.Tasks;

/// <summary>Registration of tasks.</summary>
public static class TasksSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Adds the tasks of an assembly: their registrations, and their classes with a scoped life unless they are registered already.</summary>
        /// <exception cref="TaskSetupException">A task breaks a rule.</exception>
        public IServiceCollection AddTasks(Assembly assembly)
        {
            foreach (var task in TaskDiscovery.Find(assembly))
            {
                services.AddSingleton(task);
                services.TryAddScoped(task.TaskType);
            }
            return services;
        }

        /// <summary>Adds the tasks that ship, and the catalog of all registered tasks.</summary>
        /// <param name="options">Where the configuration's overrides come from.</param>
        /// <param name="complete">Adds tasks that are no classes, and what goes around each of them; null: nothing.</param>
        public IServiceCollection AddTaskCatalog(
            Func<IServiceProvider, IReadOnlyDictionary<string, TaskOptions>> options, TimeSpan? nodeDuration = null, Func<IServiceProvider, TaskCatalog, TaskCatalog>? complete = null)
        {
            services.TryAddSingleton(TimeProvider.System);
            services.AddTasks(typeof(TasksSetup).Assembly);
            services.AddFetch(new FetchOptions());
            services.AddLogging();
            services.TryAddSingleton(new CommandSettings());
            services.TryAddSingleton<CommandHost>();
            services.TryAddSingleton<ITaskCatalog>(provider =>
            {
                var found = TaskCatalog.Create(provider.GetServices<TaskRegistration>(), options(provider), provider.GetRequiredService<IServiceScopeFactory>(), nodeDuration, provider.GetRequiredService<CommandHost>())
                    .With(provider.GetServices<CallMemoization>());
                return complete is null ? found : complete(provider, found);
            });
            return services;
        }

        /// <summary>Adds <see cref="IFetch"/>, unless it is there. Called before <see cref="AddTaskCatalog"/>, its settings count.</summary>
        /// <exception cref="Configuration.ConfigurationFaultException">A prefix is no URL.</exception>
        public IServiceCollection AddFetch(FetchOptions options)
        {
            if (services.Any(static service => service.ServiceType == typeof(IFetch))) return services;
            var rules = new FetchRules(options);
            services.AddSingleton<IFetch>(provider => new Fetcher(options, rules, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton(new CallMemoization(FetchTask.Name, args => FetchTask.Memoized(args, rules)));
            return services;
        }
    }
}
