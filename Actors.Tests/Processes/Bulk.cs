using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Tests.Processes;

/// <summary>Many lines of <c>primes</c>, each with its own id, and a client that sends what was not answered until everything is.</summary>
internal sealed class Bulk
{
    private const int Window = 100;

    private readonly string _namespace;
    private readonly Dictionary<string, int> _limits = [];         // by id
    private readonly HashSet<string> _answered = [];

    /// <param name="limits">The limit of each line.</param>
    /// <param name="ns">Whose jobs they are.</param>
    public Bulk(IEnumerable<int> limits, string ns = "default")
    {
        _namespace = ns;
        foreach (var limit in limits) _limits.Add(Guid.CreateVersion7().ToString("D", CultureInfo.InvariantCulture), limit);
    }

    public int Count => _limits.Count;

    public int Answered => _answered.Count;

    /// <summary>Sends the unanswered lines, a window at a time.</summary>
    /// <param name="api">The node.</param>
    /// <param name="reached">Told when this many lines are answered, just as the next window goes out.</param>
    /// <returns>Whether all are answered; false when the node went away.</returns>
    public async Task<bool> SendAsync(NodeApi api, (int Lines, TaskCompletionSource Then)? reached = null)
    {
        try
        {
            foreach (var window in _limits.Where(line => !_answered.Contains(line.Key)).ToArray().Chunk(Window))
            {
                if (reached is var (lines, then) && Answered >= lines) then.TrySetResult();
                var answers = await api.BatchAsync(window.Select(line => Line(line.Key, line.Value)), NodeApi.Namespace(_namespace));
                foreach (var answer in answers.SkipLast(1))
                {
                    Assert.False(answer.TryGetProperty("problem", out _), answer.GetRawText());
                    Assert.True(_answered.Add(answer.GetProperty("id").GetString()!), "a line was answered twice");
                }
            }
            return Answered == Count;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;          // What was answered before is kept; the rest is unknown and goes out again.
        }
        finally
        {
            reached?.Then.TrySetResult();
        }
    }

    /// <summary>Waits until no line is left to do, and checks that each line has exactly one job with the right result.</summary>
    /// <returns>The jobs.</returns>
    public async Task<IReadOnlyList<JsonElement>> FinishAsync(NodeApi api)
    {
        var jobs = new List<JsonElement>(Count);
        var patience = System.Diagnostics.Stopwatch.StartNew();
        foreach (var ids in _limits.Keys.Chunk(500))
        {
            while (true)
            {
                var body = JsonSerializer.Serialize(new { ids, mode = "all", timeout = "30s" });
                var reply = await api.PostAsync("/jobs/wait", body, NodeApi.Namespace(_namespace));
                Assert.True(reply.Status == System.Net.HttpStatusCode.OK, reply.ToString());
                if (reply.Body.GetProperty("pending").GetArrayLength() == 0)
                {
                    jobs.AddRange(reply.Body.GetProperty("done").EnumerateArray());
                    break;
                }
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(5), $"still pending: {reply.Body.GetProperty("pending")}");
            }
        }
        CheckResults(jobs);
        Assert.Equal(_limits.Keys.Order(StringComparer.Ordinal), (await api.ListAsync(_namespace)).Select(Id).Order(StringComparer.Ordinal));
        Assert.Equal(new Dictionary<string, int> { ["succeeded"] = Count }, await api.CountsAsync(_namespace));
        return jobs;
    }

    public static string Id(JsonElement job) => job.GetProperty("id").GetString()!;

    /// <summary>At each index, how many primes are below it.</summary>
    public static int[] PrimeCounts(int limit)
    {
        var composite = new bool[limit + 1];
        var counts = new int[limit + 1];
        for (var n = 2; n < limit; n++)
        {
            counts[n + 1] = counts[n] + (composite[n] ? 0 : 1);
            if (composite[n]) continue;
            for (var multiple = 2 * n; multiple <= limit; multiple += n) composite[multiple] = true;
        }
        return counts;
    }

    private void CheckResults(List<JsonElement> jobs)
    {
        var primes = PrimeCounts(_limits.Values.Max());
        foreach (var job in jobs)
        {
            Assert.True(job.GetProperty("state").GetString() == "succeeded", job.GetRawText());
            Assert.True(job.GetProperty("result").GetInt32() == primes[_limits[Id(job)]], job.GetRawText());
        }
    }

    private static string Line(string id, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"{{{id}}}","task":"primes","args":{"limit":{{{limit}}}},"backoff":{"initial":"100ms"}}""");
}
