using System.Diagnostics.CodeAnalysis;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Queries;

/// <summary>A node in a host of its own, as a library's user has it.</summary>
internal sealed class NodeDataWorld : IAsyncDisposable
{
    private readonly IHost _host;

    private NodeDataWorld(IHost host) => _host = host;

    public IData Data => _host.Services.GetRequiredService<IData>();

    public IJobs Jobs => _host.Services.GetRequiredService<IJobs>();

    public ITaskCatalog Tasks => _host.Services.GetRequiredService<ITaskCatalog>();

    public T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The world disposes of its host.")]
    public static async Task<NodeDataWorld> StartAsync(IReadOnlyDictionary<string, string?> settings, params Type[] tasks)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var host = new HostBuilder().ConfigureServices(services =>
        {
            services.AddLogging(logs => logs.ClearProviders());
            services.AddActorPerf(configuration);
            foreach (var task in tasks)
            {
                services.AddSingleton(TaskRegistration.From(task));
                services.AddScoped(task);
            }
        }).Build();
        try
        {
            await host.StartAsync();
        }
        catch (Exception)
        {
            host.Dispose();
            throw;
        }
        return new NodeDataWorld(host);
    }

    public async Task<Job> RunAsync(string task, string args = "{}", int attempts = 1)
    {
        var outcome = await Jobs.SubmitAsync(new Submission { Namespace = Namespace.Default, Task = task, Args = System.Text.Encoding.UTF8.GetBytes(args), MaxAttempts = attempts }, CancellationToken.None);
        return await EndAsync(Assert.IsType<SubmitOutcome.Accepted>(outcome).Job.Row.Id);
    }

    public async Task<Job> EndAsync(JobId id) => (await Jobs.WaitFinishedAsync(Namespace.Default, id, TimeSpan.FromSeconds(30), CancellationToken.None))!;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
