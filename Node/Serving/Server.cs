using System.Net.Sockets;
using System.Reflection;
using ActorPerf.Configuration;
using ActorPerf.Node.Output;
using ActorPerf.Setup;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using ActorPerf.Web;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ActorPerf.Node.Serving;

/// <summary>Hosts a node.</summary>
public static class Server
{
    /// <summary>Threads that the pool starts at once: as many tasks that hold a processor may run before requests would wait for a thread.</summary>
    private const int ReadyThreads = 16;

    /// <summary>What a stop needs behind its drain, so that the host does not cut it short.</summary>
    internal static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(20);

    /// <summary>Serves until <paramref name="ct"/> is cancelled; the answer is the process's exit code.</summary>
    public static async Task<int> RunAsync(ServeArguments arguments, CancellationToken ct)
    {
        try
        {
            return await ServeAsync(NodeSettings.ReadAll(arguments.Arguments), arguments, ct);
        }
        catch (UsageException fault)
        {
            return await FailAsync([fault.Message, $"See: {arguments.StartedAs} serve --help"], ExitCodes.Usage);
        }
        catch (Exception fault) when (Explain(fault) is { } lines)
        {
            return await FailAsync(lines, ExitCodes.Configuration);
        }
    }

    /// <summary>What a person who starts a node is told of a fault of its configuration; null for any other fault.</summary>
    internal static IReadOnlyList<string>? Explain(Exception fault) => fault switch
    {
        ConfigurationFaultException faults => [.. faults.Faults.Select(one => one.ToString())],
        HoconException or StorageSetupException or TaskSetupException => [fault.Message],
        _ when PortInUse(fault) => [$"{fault.Message.TrimEnd('.')}: another program listens there. Stop it, or take another port: --http:url http://127.0.0.1:8081"],
        IOException { InnerException: SocketException } or SocketException or Microsoft.AspNetCore.Connections.AddressInUseException =>
            [$"The node cannot listen as configured: {fault.Message}. See actorperf.http.url."],
        _ => null,
    };

    private static bool PortInUse(Exception fault) =>
        fault is Microsoft.AspNetCore.Connections.AddressInUseException || fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException
        || fault.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse };

    private static async Task<int> ServeAsync(IReadOnlyList<NodeSettings> nodes, ServeArguments arguments, CancellationToken ct)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, ReadyThreads), ports);
        var time = WrongClock.Read(Environment.GetEnvironmentVariable(WrongClock.Variable), TimeProvider.System);
        using var storage = nodes.Count == 1 || !SharedStorage.IsNeeded(nodes[0].Options.Storage) ? null : new SharedStorage(nodes[0].Options.Storage, time, Environment.TickCount);
        var apps = new List<WebApplication>(nodes.Count);
        try
        {
            foreach (var settings in nodes)
            {
                apps.Add(Build(settings, arguments.Arguments, storage, time));
                await apps[^1].StartAsync(ct);
            }
            await GreetAsync(apps, [.. apps.Zip(nodes).SelectMany(static one => Greeting.Named(UrlsOf(one.Second), AddressesOf(one.First)))], arguments.StartedAs);
            var stopping = new Lazy<Task>(() => SayStoppingAsync(nodes[0].Options.Jobs.DrainTimeout));
            await Task.WhenAll(apps.Select(app => ServeAsync(app, () => apps.Count == 1 || ct.IsCancellationRequested ? stopping.Value : Task.CompletedTask, ct)));
        }
        finally
        {
            // Those that served have stopped; where a later one could not start, the others do now.
            foreach (var app in apps) await app.DisposeAsync();
        }
        return Environment.ExitCode;
    }

    private static WebApplication Build(NodeSettings settings, IReadOnlyList<string> arguments, SharedStorage? storage, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(Server).Assembly.GetName().Name,
            // Not the current folder: the host would watch it, and with it every write to the data below it.
            ContentRootPath = AppContext.BaseDirectory,
        });
        // The node's settings come from its own layers; what the host finds in files and variables of the framework's is not for it.
        builder.Configuration.Sources.Clear();
        ((IConfigurationBuilder)builder.Configuration).Add(new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource());
        Logging(builder.Logging);
        builder.WebHost.UseUrls(UrlsOf(settings));
        builder.WebHost.ConfigureKestrel(kestrel => WebSetup.ConfigureKestrel(kestrel, settings.Http));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Options.Jobs.DrainTimeout + AfterDrain);
#if AKKA_PACKAGES
        Akka.AkkaHosting.AddAkkaPackages(builder.Services, settings.Configuration);
#endif
        builder.Services.AddSingleton(time);
        // An object that the services are given is not theirs to dispose.
        if (storage is not null) builder.Services.AddSingleton(storage);
        var node = builder.Services.AddActorPerf(settings.Configuration, settings.Options);
        foreach (var assembly in TaskFolder.Load(settings.Options.TaskFolder.Path)) node.AddTasks(assembly);
        builder.Services.AddActorPerfWeb(settings.Http);
        builder.Services.AddConsoleKeys(settings.Options.Storage);
        builder.Services.AddKeyFollower(settings, arguments);

        var app = builder.Build();
        app.MapActorPerf();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ActorPerf.Node");
        foreach (var warning in ActorPerfSettings.SecretsForEverybody(settings.Configuration)) log.SecretForEverybody(warning.ToString());
#if !AKKA_PACKAGES
        var inert = KernelConfig.InertKeys(settings.Configuration, KernelConfig.Effective);
        if (inert.Count > 0) log.InertSettings(string.Join(", ", inert));
#endif
        return app;
    }

    /// <summary>Until the process is told to stop, or this node is.</summary>
    private static async Task ServeAsync(WebApplication app, Func<Task> stopping, CancellationToken ct)
    {
        await WaitAsync(app, ct);
        await stopping();
        await app.StopAsync(CancellationToken.None);
    }

    private static void Logging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        // Standard output is for data; what a node says while it runs goes beside it.
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // The keys lie unencrypted on purpose, readable for the node's user alone, as the database does.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // What keeps a node from starting is told once, in words: ServeAsync's caller does.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    private static async Task GreetAsync(List<WebApplication> apps, IReadOnlyList<string> addresses, string startedAs)
    {
        var address = ListenAddresses.Reachable(addresses.Count > 0 ? addresses[0] : "?");
        var storage = apps[0].Services.GetRequiredService<NodeRuntime>().Storage;
        var text = $"""
            ActorPerf {NodeRuntime.Version} serves {string.Join(" and ", addresses)}
              console  {address}/
              API      {address}/api/v1
              data     {storage.Description}
            Try: {startedAs} compute square '{"{"}"n": 12, "delay": "2s"{"}"}'{(address.EndsWith(":8080", StringComparison.Ordinal) ? "" : $" --node {address}")}
            """;
        await Console.Error.WriteLineAsync(text);
        if (apps.Count > 1) await Console.Error.WriteLineAsync($"     {startedAs} cluster show{(address.EndsWith(":8080", StringComparison.Ordinal) ? "" : $" --node {address}")}");
    }

    private static ICollection<string> AddressesOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    private static string[] UrlsOf(NodeSettings settings) => settings.Http.Url.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static async Task WaitAsync(WebApplication app, CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, app.Lifetime.ApplicationStopping);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Token.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static async Task SayStoppingAsync(TimeSpan drain)
    {
        // Whoever sent the signal is told, whichever of the two heard it first; a store that failed has said so itself.
        if (Environment.ExitCode == ExitCodes.Done) await Console.Error.WriteLineAsync($"Stopping: no new work is taken, attempts under way have {Durations.Format(drain)}. Press Ctrl-C again to end at once.");
    }

    private static async Task<int> FailAsync(IReadOnlyList<string> lines, int code)
    {
        foreach (var line in lines) await Console.Error.WriteLineAsync(Visible.Of(line));
        return code;
    }
}
