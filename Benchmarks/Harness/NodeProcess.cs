using System.Diagnostics;
using System.Globalization;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>A node in a process of its own (<see cref="ChildServer"/>), so that its memory, threads and processor time are its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpConnection _instruments;

    private NodeProcess(Process process, Uri node, Uri limit, HttpConnection instruments) =>
        (_process, Node, Limit, _instruments) = (process, node, limit, instruments);

    /// <summary>Where the node serves.</summary>
    public Uri Node { get; }

    /// <summary>Where the same server answers without doing anything.</summary>
    public Uri Limit { get; }

    /// <summary>Threads that it has now.</summary>
    public int Threads => ReadStatus("Threads:");

    /// <summary>The most memory it ever held, in MiB.</summary>
    public double PeakMemory => ReadStatus("VmHWM:") / 1024.0;

    /// <param name="folder">Takes the configuration and the database.</param>
    /// <param name="more">Settings beside those of <see cref="NodeFile"/>, in HOCON.</param>
    /// <param name="bare">Without a console and what it keeps.</param>
    public static async Task<NodeProcess> StartAsync(string folder, string more = "", bool bare = false)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(typeof(NodeProcess).Assembly.Location);
        start.ArgumentList.Add(ChildServer.Word);
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(more);
        if (bare) start.ArgumentList.Add(ChildServer.Bare);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is not [var node, var limit]) throw new InvalidOperationException("The node did not start; its words are above.");
        return new NodeProcess(process, new Uri(node), new Uri(limit), await HttpConnection.ConnectAsync(new Uri(limit)));
    }

    /// <summary>What it has used so far.</summary>
    public async Task<Usage> UsageAsync() => ReadUsage((await AskAsync("GET", "/usage")).Split(' '));

    /// <summary>Sets how long a body the empty endpoints answer.</summary>
    public async Task AnswerBytesAsync(int bytes) => await AskAsync("POST", string.Create(CultureInfo.InvariantCulture, $"/size/{bytes}"));

    /// <summary>Runs of <c>counted</c> so far.</summary>
    public async Task<long> RunsAsync() => long.Parse(await AskAsync("GET", "/runs"), CultureInfo.InvariantCulture);

    /// <summary>No-op jobs whose result is durable.</summary>
    public async Task<long> SucceededAsync() => long.Parse(await AskAsync("GET", "/succeeded"), CultureInfo.InvariantCulture);

    /// <summary><see cref="JobLoad"/> inside the process.</summary>
    public async Task<Measurement> LoadAsync(int submitters, TimeSpan window)
    {
        var answer = await AskAsync("POST", string.Create(CultureInfo.InvariantCulture, $"/load/{submitters}/{(int)window.TotalMilliseconds}"));
        var parts = answer.Split(' ');
        return new Measurement(Number(parts[0]), TimeSpan.FromTicks(Number(parts[1])), ReadUsage(parts[2..]));
    }

    /// <summary>Ends it as a power cut would; nothing of it is told to anybody.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _instruments.Dispose();
        if (!_process.HasExited) _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> AskAsync(string method, string path)
    {
        var answer = await _instruments.ExchangeAsync(HttpConnection.Request(method, path));
        return answer.Status == 200 ? answer.Text : throw new InvalidOperationException($"{method} {path}: {answer.Status} {answer.Text}");
    }

    private static Usage ReadUsage(string[] parts) => new(TimeSpan.FromTicks(Number(parts[0])), Number(parts[1]));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private int ReadStatus(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return int.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
