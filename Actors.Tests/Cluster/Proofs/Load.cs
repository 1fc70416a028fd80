using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Jobs with ids of their own, and clients that send each of them until some node has acknowledged it.</summary>
internal sealed class Load(ProcessCluster cluster)
{
    private const int Window = 500;

    private readonly ConcurrentDictionary<Guid, bool> _acknowledged = new();
    private int _failures;

    /// <summary>Ids that were answered with success.</summary>
    public ICollection<Guid> Acknowledged => _acknowledged.Keys;

    /// <summary>Sendings that brought no answer, or none that settles it.</summary>
    public int Failures => _failures;

    /// <summary>A line of a job; the id is made here.</summary>
    public static (Guid Id, string Json) Square(int n) => Line("square", string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{n}}}"""));

    public static (Guid Id, string Json) Witnessed(string args) => Line("witness", args);

    public static (Guid Id, string Json) Line(string task, string args, string more = "")
    {
        var id = Guid.CreateVersion7();
        return (id, string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{id:D}}","task":"{{task}}","args":{{args}},"backoff":{"initial":"100ms"}{{more}}}"""));
    }

    /// <summary>Sends them, beginning with a node and going on with the next one whenever one gives no answer.</summary>
    public async Task SendAsync(IReadOnlyList<(Guid Id, string Json)> lines, int first, CancellationToken ct)
    {
        var node = first;
        var left = lines.ToList();
        while (left.Count > 0)
        {
            var window = left.Take(Window).ToList();
            if (!await TrySendAsync(cluster.Nodes[node % cluster.Nodes.Count], window, ct))
            {
                node++;
                Interlocked.Increment(ref _failures);
                await Task.Delay(100, ct);
            }
            left = [.. window.Where(line => !_acknowledged.ContainsKey(line.Id)), .. left.Skip(window.Count)];
        }
    }

    private async Task<bool> TrySendAsync(ProcessNode node, List<(Guid Id, string Json)> window, CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var content = new StringContent(string.Join('\n', window.Select(line => line.Json)), Encoding.UTF8, "application/x-ndjson");
            using var response = await node.Http.PostAsync(new Uri("/api/v1/jobs/batch", UriKind.Relative), content, bound.Token);
            // What cannot be taken now says so by 429, 503 or 507; any other refusal is a fault.
            if ((int)response.StatusCode is 429 or 503 or 507) return false;
            var text = await response.Content.ReadAsStringAsync(bound.Token);
            Assert.True(response.IsSuccessStatusCode, text);
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Note).ToList().TrueForAll(static settled => settled);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    private bool Note(string line)
    {
        using var answer = JsonDocument.Parse(line);
        if (answer.RootElement.TryGetProperty("id", out var id)) _acknowledged[id.GetGuid()] = true;
        else if (answer.RootElement.TryGetProperty("problem", out var problem))
        {
            Assert.True(problem.GetProperty("status").GetInt32() is 429 or 503 or 507, line);
            return false;
        }
        return true;
    }
}
