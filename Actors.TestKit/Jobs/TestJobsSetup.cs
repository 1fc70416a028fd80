using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorPerf.TestKit;

/// <summary>Puts jobs for tests in the place of a node's.</summary>
public static class TestJobsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="InlineJobs"/> as <see cref="IJobs"/>, in the place of any other, and its clock as <see cref="TimeProvider"/>.
        /// Tasks are those that the services have: <c>services.AddTasks(typeof(MyTask).Assembly)</c>, and those that ship.</summary>
        public IServiceCollection UseInlineJobs(Action<TestJobOptions>? configure = null) =>
            services.UseTestJobs(configure, static (tasks, options) => new InlineJobs(tasks, options));

        /// <summary>Registers <see cref="HeldJobs"/> as <see cref="IJobs"/>; else as <see cref="UseInlineJobs"/>.</summary>
        public IServiceCollection UseHeldJobs(Action<TestJobOptions>? configure = null) =>
            services.UseTestJobs(configure, static (tasks, options) => new HeldJobs(tasks, options));

        private IServiceCollection UseTestJobs<T>(Action<TestJobOptions>? configure, Func<ITaskCatalog, TestJobOptions, T> make) where T : TestJobs
        {
            var options = new TestJobOptions();
            configure?.Invoke(options);
            options.Time ??= new ManualTime();
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(options.Time));
            if (!services.Any(static service => service.ServiceType == typeof(ITaskCatalog))) services.AddTaskCatalog(static _ => new Dictionary<string, TaskOptions>());
            services.RemoveAll<IJobs>();
            services.AddSingleton(provider => make(provider.GetRequiredService<ITaskCatalog>(), options));
            services.AddSingleton<IJobs>(static provider => provider.GetRequiredService<T>());
            return services;
        }
    }
}
