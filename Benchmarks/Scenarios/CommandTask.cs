using System.Diagnostics;
using System.Text;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Configuration;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Commands;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Calls of a command task whose one worker is a Python no-op, one after the other. The limit is the same script
/// at the other end of bare pipes, written and read by one thread that waits.</summary>
internal sealed class CommandTask : IScenario
{
    private const string Worker = """
        import json, sys
        for line in sys.stdin:
            sys.stdout.write('{"id":"%s","result":null}\n' % json.loads(line)["id"])
            sys.stdout.flush()
        """;

    public string Name => "command-task";

    public string Promises => "calls of a persistent Python no-op, one after the other and from 64 callers to two workers: printed beside a bare pipe loop to the same interpreter";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder.File("worker.py"), Worker);
        await File.WriteAllTextAsync(folder.File("node.hocon"), """
            actorperf.tasks { one { command = [python3, worker.py], persistent = 1 }, two { command = [python3, worker.py], persistent = 2 } }
            """);
        var configuration = new ConfigurationBuilder().AddHoconFile(folder.File("node.hocon"), optional: false).Build();
        await using var host = new CommandHost(new CommandSettings(), TimeProvider.System, NullLoggerFactory.Instance);
        var scopes = new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
        var tasks = TaskCatalog.Create([], TaskOptions.ReadAll(configuration), scopes, commands: host);
        using var bare = BarePipe.Start(folder.File("worker.py"), folder.Path);
        var calls = pace.Scale(20_000);
        foreach (var (name, callers) in ((string, int)[])[("one", 1), ("two", 64)])
        {
            if (!tasks.TryGet(name, out var task)) throw new InvalidOperationException($"Task '{name}' is not there.");
            var pairs = await Pairs.RunAsync(
                pace, pace.Pairs, () => Stretch.MeasureAsync(calls, () => CallAsync(task, callers, calls)),
                () => Stretch.MeasureAsync(calls, () => Stretch.OnThreadsAsync(1, _ => bare.Exchange(calls))));
            report.Add(pairs.Figures(callers == 1 ? "one caller, one worker" : $"{callers} callers, two workers", "call", null, null));
        }
    }

    private static Task CallAsync(TaskDescriptor task, int callers, int calls) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        ReadOnlyMemory<byte> args = "{}"u8.ToArray();
        for (var call = caller; call < calls; call += callers)
            await task.Runner.RunAsync(args, new AttemptContext(null, 1, Namespace.Default, task.Name, TimeProvider.System), CancellationToken.None);
    })));

    /// <summary>The limit: a line written, a line read, by one thread that waits.</summary>
    private sealed class BarePipe(Process process) : IDisposable
    {
        private readonly byte[] _call = Encoding.UTF8.GetBytes("""{"id":"0123456789abcdef0123456789abcdef","task":"one","args":{},"attempt":1,"namespace":"default"}""" + "\n");
        private readonly byte[] _answer = new byte[4096];

        public static BarePipe Start(string script, string folder) => new(Process.Start(new ProcessStartInfo("python3", [script])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("python3 did not start."));

        public void Exchange(int calls)
        {
            for (var call = 0; call < calls; call++)
            {
                process.StandardInput.BaseStream.Write(_call);
                process.StandardInput.BaseStream.Flush();
                var read = 0;
                while (read == 0 || _answer[read - 1] != '\n')
                    read += process.StandardOutput.BaseStream.Read(_answer.AsSpan(read)) is > 0 and var some ? some : throw new InvalidOperationException("python3 ended.");
            }
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
