using System.Text;
using ActorPerf.Configuration;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using ActorPerf.Tests.Node;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Tasks.Commands;

/// <summary>Command tasks as a configuration file describes them, run without a node around them.</summary>
internal sealed class CommandBench : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CommandHost _host;

    private CommandBench(string tasks, int maxResultBytes)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs sh and signals");
        File.WriteAllText(_folder.Path("node.hocon"), $"actorperf.tasks {{\n{tasks}\n}}\n");
        var configuration = new ConfigurationBuilder().AddHoconFile(_folder.Path("node.hocon"), optional: false).Build();
        _host = new CommandHost(new CommandSettings(maxResultBytes), TimeProvider.System, NullLoggerFactory.Instance);
        var scopes = new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
        Tasks = TaskCatalog.Create([], TaskOptions.ReadAll(configuration), scopes, commands: _host);
    }

    public TaskCatalog Tasks { get; }

    public string Folder => _folder.Root;

    /// <param name="tasks">What stands under <c>actorperf.tasks</c>.</param>
    /// <param name="files">Files beside the configuration.</param>
    public static CommandBench Of(string tasks, params (string Name, string Text)[] files) => Of(tasks, CommandSettings.DefaultMaxResultBytes, files);

    public static CommandBench Of(string tasks, int maxResultBytes, params (string Name, string Text)[] files)
    {
        var bench = new CommandBench(tasks, maxResultBytes);
        foreach (var (name, text) in files) bench.Write(name, text);
        return bench;
    }

    /// <summary>One task named <c>run</c> whose shell runs a script.</summary>
    public static CommandBench Shell(string script, string more = "", int maxResultBytes = CommandSettings.DefaultMaxResultBytes) =>
        Of($"run {{ command = [sh, script.sh], kill-after = 300ms, {more} }}", maxResultBytes, ("script.sh", script));

    public string Path(string name) => _folder.Path(name);

    public void Write(string name, string text) => File.WriteAllText(_folder.Path(name), text);

    public string Read(string name) => File.ReadAllText(_folder.Path(name));

    public TaskDescriptor Task(string name) => Tasks.TryGet(name, out var task) ? task : throw new InvalidOperationException($"no task {name}");

    /// <summary>Runs one call and gives its result as text.</summary>
    public async Task<string> RunAsync(string args = "{}", AttemptContext? context = null, string task = "run", CancellationToken ct = default)
    {
        var result = await Task(task).Runner.RunAsync(Encoding.UTF8.GetBytes(args), context ?? A.Context(task), ct);
        return Encoding.UTF8.GetString(result.Span);
    }

    /// <summary>Runs one call that fails.</summary>
    public async Task<TaskError> FailAsync(string args = "{}", AttemptContext? context = null, string task = "run")
    {
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(args, context, task: task));
        return thrown is TaskFaultException fault ? TaskError.From(fault) with { Type = fault.Type } : TaskError.From(thrown);
    }

    /// <summary>Process ids that a script wrote, one a line.</summary>
    public async Task<int[]> PidsAsync(string file, int count)
    {
        await Eventually.Is(() => File.Exists(Path(file)) && File.ReadAllLines(Path(file)).Length >= count, $"{count} process ids in {file}");
        return [.. File.ReadAllLines(Path(file)).Select(int.Parse)];
    }

    /// <summary>Whether a process is there and no zombie.</summary>
    public static bool Lives(int pid) => ProcessTable.Find(pid) is { State: not ('Z' or 'X') };

    public ValueTask EndHostAsync() => _host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
