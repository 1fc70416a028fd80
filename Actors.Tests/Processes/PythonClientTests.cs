using System.Diagnostics;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Processes;

/// <summary>The Python client and the programs of docs/coming-from-dash.md: their own tests, run by the system's Python against real nodes.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class PythonClientTests(SharedNode shared)
{
    private static readonly string Client = Path.Combine(SourceTree.Root, "clients", "python");
    private static readonly string Flask = Path.Combine(SourceTree.Root, "docs", "examples", "flask");
    private static readonly string Dash = Path.Combine(SourceTree.Root, "docs", "examples", "dash");

    [FullFact]
    public Task The_tests_of_the_Python_client_pass() => RunAsync(Client, shared.Node.Url);

    [FullFact]
    public async Task The_programs_that_came_from_Dash_do_what_their_page_says()
    {
        var hocon = SourceTree.Read("docs", "examples", "dash", "akka.hocon");
        // The file's own folder is the commands' folder; here it lies elsewhere.
        await using var node = await NodeProcess.StartAsync(hocon.Replace("queue = pages,", $"queue = pages, directory = \"{Dash}\",", StringComparison.Ordinal));
        await RunAsync(Dash, node.Url);
        await node.VerifyAsync();
    }

    [FullFact]
    public async Task The_program_that_came_from_flask_caching_does_what_its_page_says()
    {
        var hocon = SourceTree.Read("docs", "examples", "flask", "akka.hocon");
        await using var node = await NodeProcess.StartAsync(hocon.Replace("queue = pages,", $"queue = pages, directory = \"{Flask}\",", StringComparison.Ordinal));
        await RunAsync(Flask, node.Url);
        await node.VerifyAsync();
    }

    [Fact]
    public void The_code_of_the_page_about_flask_caching_is_that_of_its_program()
    {
        var (page, program) = (SourceTree.Read("docs", "coming-from-flask-caching.md"), SourceTree.Read("docs", "examples", "flask", "pages.py"));
        var blocks = page.Split("```python\n").Skip(1).Select(static rest => rest.Split("```")[0]).ToList();
        Assert.Equal(3, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(block, program, StringComparison.Ordinal));
    }

    private static async Task RunAsync(string folder, string url)
    {
        var start = new ProcessStartInfo("python3", ["-W", "error", "-m", "unittest"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTORPERF_URL"] = url;
        start.Environment["PYTHONPATH"] = Client;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var python = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        var (said, complained) = (python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await python.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Executable.Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!python.HasExited) python.Kill(entireProcessTree: true);
        }
        Assert.True(python.ExitCode == 0, $"{await said}\n{await complained}");
        Assert.Contains("\nOK", await complained, StringComparison.Ordinal);
    }
}
