using System.Diagnostics;
using ActorPerf.Node;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

/// <summary>What only a process of its own shows: closed streams, full disks, signals.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData(">&-", ExitCodes.Done, "")]
    [InlineData("> /dev/full", ExitCodes.FileFault, "A file could not be read or written: No space left on device\n")]
    public async Task Output_that_cannot_be_written_leaves_no_stack_trace(string redirection, int exit, string error)
    {
        await using var node = await ScriptedNode.AnsweringAsync("""{"items":[],"next":null}""");
        var (code, _, said) = await RunAsync($"{Program} --node {node.Url} cluster show {redirection}");
        Assert.Equal((exit, error), (code, said));
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_ends_an_endless_stream()
    {
        await using var node = await EndlessAsync(new());
        var (code, output, error) = await RunAsync($"set -o pipefail; {Program} --node {node.Url} job tail | head -n 1");
        Assert.Equal((0, "x  progress  1 %\n", ""), (code, output, error));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_stream_with_130_and_a_whole_json_document()
    {
        var connected = new TaskCompletionSource();
        await using var node = await EndlessAsync(connected);
        // Whoever runs the tests in the background has them, and what they start, ignore the signal.
        var run = RunAsync($"echo $$ >&2; exec env --default-signal=INT {Program} --node {node.Url} -o json job tail", async process =>
        {
            var id = await process.StandardError.ReadLineAsync();
            await connected.Task;
            using var kill = Process.Start("kill", ["-INT", id ?? ""]);
            await kill.WaitForExitAsync();
        });
        var (code, output, error) = await run;
        Assert.Equal((ExitCodes.Interrupted, ""), (code, error));
        using var document = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal(System.Text.Json.JsonValueKind.Array, document.RootElement.ValueKind);
    }

    [Fact]
    public async Task What_is_appended_to_a_file_leaves_what_stands_there()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("log"), "before\n");
        await RunAsync($"{Program} --version >> {folder.Path("log")}");
        Assert.StartsWith("before\n" + ProgramVersion.Short, await File.ReadAllTextAsync(folder.Path("log")), StringComparison.Ordinal);
    }

    private static string Program => $"'{Path.Combine(AppContext.BaseDirectory, "actorperf")}'";

    /// <summary>Progress every few milliseconds, for as long as somebody listens.</summary>
    private static Task<ScriptedNode> EndlessAsync(TaskCompletionSource connected) => ScriptedNode.StartAsync(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync("event: progress\ndata: {\"id\":\"x\",\"percent\":1}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            connected.TrySetResult();
            await Task.Delay(5, context.RequestAborted);
        }
    });

    private static async Task<(int Code, string Out, string Error)> RunAsync(string script, Func<Process, Task>? meanwhile = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs bash and its redirections");
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("bash did not start");
        if (meanwhile is not null) await meanwhile(process);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
