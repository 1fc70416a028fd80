using System.Globalization;
using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>A node in a process of its own, on a free loopback port, with a folder, a database and a configuration of its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    /// <summary>Pools as the shipped file has them, with more routees for what computes, so that a kill meets more attempts.</summary>
    public const string Pools = """
        akka.actor.deployment {
          /compute/default { router = smallest-mailbox-pool, nr-of-instances = 16 }
          /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 1024 }
          /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 4 }
        }

        """;

    /// <summary>Tasks that end when a test wants them to: <c>held</c> when there is a file <c>go</c> in the node's folder; <c>stuck-once</c> with its process, and any attempt of it but the first at once.</summary>
    public const string Tasks = """
        actorperf.tasks {
          held       { command = [sh, "-c", "until [ -e go ]; do sleep 0.1; done; echo 1"] }
          stuck-once { command = [sh, "-c", "[ $ACTORPERF_ATTEMPT -gt 1 ] || exec sleep 600; echo 1"] }
        }

        """;

    private readonly TestFolder _folder;
    private readonly bool _ownsFolder;
    private readonly string[] _arguments;
    private RunningProgram? _program;

    private NodeProcess(TestFolder folder, bool ownsFolder, string[] arguments)
    {
        (_folder, _ownsFolder, _arguments) = (folder, ownsFolder, arguments);
        // Several nodes of one process listen side by side.
        var port = LoopbackPort.Free(arguments is ["--nodes", var nodes, ..] ? int.Parse(nodes, CultureInfo.InvariantCulture) : 1);
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        Api = new NodeApi(new Uri(Url));
    }

    public string Url { get; }

    public NodeApi Api { get; }

    public string Folder => _folder.Root;

    public string Database => _folder.Path("node.db");

    /// <summary>The setting that names its database.</summary>
    public string[] Storage => ["--storage:connection-string", $"Data Source={Database}"];

    /// <summary>Its process of the moment.</summary>
    public RunningProgram Program => _program ?? throw new InvalidOperationException("The node was not started.");

    /// <summary>Starts a node and waits until it takes work.</summary>
    /// <param name="hocon">Its configuration file.</param>
    /// <param name="folder">Where it lives; null for a new folder that goes with it.</param>
    /// <param name="arguments">Further settings.</param>
    public static async Task<NodeProcess> StartAsync(string hocon = Pools, TestFolder? folder = null, params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs signals");
        var node = new NodeProcess(folder ?? new TestFolder(), folder is null, arguments);
        try
        {
            await File.WriteAllTextAsync(node._folder.Path("akka.hocon"), hocon);
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new life on the same data; the one before must have ended.</summary>
    public async Task StartAsync()
    {
        if (_program is { } before) await before.DisposeAsync();
        _program = Executable.Start(Folder, [.. Storage, .. _arguments, "--http:url", Url]);
        await _program.SaidAsync($" --node {Url}\n");        // the end of the line that begins with "Try: ": a line may come in pieces
        await Api.ReadyAsync();
    }

    /// <summary>A node that is yet to be started.</summary>
    public static NodeProcess New(string hocon)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs signals");
        var node = new NodeProcess(new TestFolder(), ownsFolder: true, []);
        File.WriteAllText(node._folder.Path("akka.hocon"), hocon);
        return node;
    }

    /// <summary>A new life that dies at a named place; not waited for, as it may not get to answer.</summary>
    public async Task StartToCrashAsync(string point)
    {
        if (_program is { } before) await before.DisposeAsync();
        _program = Executable.StartToCrash(point, Folder, [.. Storage, .. _arguments, "--http:url", Url]);
    }

    /// <summary>Ends it at once, with no word.</summary>
    public Task KillAsync() => Program.KillAsync();

    /// <summary>The command line asks the running node to check its data, and checks the file beside it: both must be clean.</summary>
    public async Task VerifyAsync()
    {
        var online = await Executable.RunAsync(Folder, "--node", Url, "verify");
        Assert.True(online.Code == 0, $"verify: {online}");
        await VerifyOfflineAsync();
    }

    /// <summary>The command line checks the file.</summary>
    public async Task VerifyOfflineAsync()
    {
        var offline = await Executable.RunAsync(Folder, ["verify", "--offline", .. Storage]);
        Assert.True(offline.Code == 0, $"verify --offline: {offline}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null) await _program.DisposeAsync();
        Api.Dispose();
        if (_ownsFolder) _folder.Dispose();
    }
}
