using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tests.Docs;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>Jobs that were submitted in a transaction, and a process that is killed before any of them has begun: the shop of docs/examples.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class AttachedJobsTests
{
    private const int Busy = 3;                                    // a queue that no configuration speaks of has four routees, and keeps one for computes
    private const int Orders = 40;

    [FullFact]
    public async Task A_kill_between_the_commit_and_the_first_claim_loses_no_job_and_leaves_none_without_its_entity()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs signals");
        using var folder = new TestFolder();
        var acknowledged = await PlaceAndKillAsync(folder.Root);
        Assert.InRange(acknowledged.Count, 1, Orders);

        await using (var shop = await StartAsync(folder.Root))
        {
            using var api = new NodeApi(shop.Address, "/perf");
            foreach (var (order, job) in acknowledged)
            {
                var entity = await api.GetAsync($"/data/Order/{order}");
                Assert.True(entity.Status == HttpStatusCode.OK, entity.ToString());
                Assert.Equal((1, 2026), (entity.Number("version"), entity.Body.GetProperty("data").GetProperty("year").GetInt32()));
                var done = await api.ReachesAsync(job, "succeeded");
                Assert.Equal((1, 0, 0), (done.Number("attempt"), done.Number("excused"), done.Number("crashes")));
                Assert.Equal(["queued", "running", "succeeded"], await api.StatesAsync(job));
            }
            // Those that were under way when the process was killed may be there or not, but each with its job.
            var jobs = (await api.ListAsync()).Where(job => job.GetProperty("task").GetString() == "report").Select(job => job.GetProperty("tags")[0].GetString()!).Order().ToArray();
            var stored = await api.PostAsync("/data/Order/get", $$"""{"ids": [{{string.Join(',', Enumerable.Range(1, Orders).Select(n => $"\"{n}\""))}}]}""");
            Assert.Equal(jobs, stored.Body.GetProperty("items").EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(item => item.GetProperty("id").GetString()!).Order());
            await shop.KillAsync();
        }
        var verified = await Executable.RunAsync(folder.Root, "verify", "--offline", "--storage:connection-string", "Data Source=data/actorperf.db");
        Assert.True(verified.Code == 0, verified.ToString());
    }

    [FullFact]
    public async Task A_kill_leaves_a_row_of_the_shops_own_table_with_its_job_or_neither()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: needs signals");
        using var folder = new TestFolder();
        var acknowledged = new ConcurrentBag<string>();
        await using (var shop = await StartAsync(folder.Root))
        {
            using var client = new HttpClient { BaseAddress = shop.Address };
            var shipping = Enumerable.Range(0, 8).Select(lane => Task.Run(async () =>
            {
                for (var i = 0; await ShipAsync(client, $"{lane}-{i}"); i++) acknowledged.Add($"{lane}-{i}");
            })).ToArray();
            Assert.True(SpinWait.SpinUntil(() => acknowledged.Count > Orders, TimeSpan.FromSeconds(60)), "nothing was shipped");
            await shop.KillAsync();
            await Task.WhenAll(shipping);
        }
        var database = Path.Combine(folder.Root, "data", "actorperf.db");
        await using (var shop = await StartAsync(folder.Root)) Assert.Equal(0, await shop.StopAsync());      // the log is read back, and the file is closed
        using (var session = new SqliteSession(SqliteHandle.Open(database, readOnly: true)))
        {
            var shipped = Texts(session, "SELECT id FROM shop_shipment ORDER BY id");
            Assert.Equal(shipped, Texts(session, "SELECT tag FROM tag ORDER BY tag"));
            Assert.Empty(acknowledged.Except(shipped));
        }
        var verified = await Executable.RunAsync(folder.Root, "verify", "--offline", "--storage:connection-string", "Data Source=data/actorperf.db");
        Assert.True(verified.Code == 0, verified.ToString());
    }

    private static List<string> Texts(SqliteSession session, string sql)
    {
        var texts = new List<string>();
        var statement = session[sql];
        while (statement.Step()) texts.Add(statement.Text(0));
        return texts;
    }

    /// <returns>False where the connection broke first.</returns>
    private static async Task<bool> ShipAsync(HttpClient client, string id)
    {
        try
        {
            using var answer = await client.PutAsync($"/shipments/{id}", null);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <returns>The orders that were answered, with their jobs; none of these had begun.</returns>
    private static async Task<Dictionary<string, string>> PlaceAndKillAsync(string folder)
    {
        await using var shop = await StartAsync(folder);
        using var api = new NodeApi(shop.Address, "/perf");
        using var client = new HttpClient { BaseAddress = shop.Address };
        // Of the least priority, so that those which are lost with the process come after the orders in its next life.
        for (var i = 0; i < Busy; i++) await api.ReachesAsync(await api.SubmitAsync("""{"task":"sleep","queue":"default","args":{"duration":"1h"},"priority":0}"""), "running");

        var acknowledged = new Dictionary<string, string> { ["1"] = (await PlaceAsync(client, 1))! };
        var others = Enumerable.Range(2, Orders - 1).Select(n => (Order: n, Answer: PlaceAsync(client, n))).ToArray();
        await others[0].Answer;
        foreach (var job in acknowledged.Values) Assert.Equal(["queued"], await api.StatesAsync(job));
        await shop.KillAsync();
        foreach (var (order, answer) in others)
            if (await answer is { } job) acknowledged[$"{order}"] = job;
        return acknowledged;
    }

    /// <returns>The order's job; null where the connection broke first.</returns>
    private static async Task<string?> PlaceAsync(HttpClient client, int order)
    {
        try
        {
            using var answer = await client.PutAsJsonAsync($"/orders/{order}", new { year = 2026, article = "lamp" });
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<string>())!;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Task<ExampleNode> StartAsync(string folder) => ExampleNode.StartAsync(folder, ExampleNode.Example("Shop"), "Now listening on: ", "--urls", "http://127.0.0.1:0");
}
