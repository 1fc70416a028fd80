using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Deliveries of webhooks where any node may send them.</summary>
public sealed class PostgresDeliveryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_one_node_has_read_as_due_is_its_own_until_its_hold_is_over()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        var (one, two) = (new PostgresWebhookStore(database.Source, Guid.NewGuid()), new PostgresWebhookStore(database.Source, Guid.NewGuid()));
        await AddAsync(one, 5);
        var first = await one.ReadDueAsync(Noon, [], 2, default);
        var rest = await two.ReadDueAsync(Noon, [], 10, default);
        Assert.Equal((2, 3), (first.Items.Count, rest.Items.Count));
        Assert.Empty(first.Items.IntersectBy(rest.Items.Select(item => item.Id), item => item.Id));
        // Each sees its own again; of the other's it knows when to look.
        Assert.Equal(first.Items.Select(item => item.Id), (await one.ReadDueAsync(Noon, [], 10, default)).Items.Select(item => item.Id));
        Assert.InRange(rest.NextDue!.Value, Noon.AddSeconds(1), Noon + PostgresWebhookStore.Hold);
        await ExecuteAsync(connectionString, "UPDATE actorperf.delivery SET held_until = held_until - 3600000000");
        Assert.Equal(5, (await two.ReadDueAsync(Noon, [], 10, default)).Items.Count);
    }

    [Fact]
    public async Task Nodes_that_look_at_once_share_what_is_due_and_each_outcome_counts_once()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        var nodes = Enumerable.Range(0, 4).Select(_ => new PostgresWebhookStore(database.Source, Guid.NewGuid())).ToArray();
        await AddAsync(nodes[0], 40);
        var sent = await Task.WhenAll(nodes.Select(async node =>
        {
            var mine = new List<Guid>();
            while ((await node.ReadDueAsync(Noon, [], 5, default)).Items is { Count: > 0 } items)
            {
                foreach (var item in items)
                {
                    mine.Add(item.Id);
                    await node.WriteAsync(DeliveryRules.Decide(item, new DeliveryAnswer(200), Noon, 0), default);
                }
            }
            return mine;
        }));
        Assert.Equal(40, sent.Sum(mine => mine.Count));
        Assert.Equal(40, sent.SelectMany(mine => mine).Distinct().Count());
        Assert.All((await nodes[0].ListDeliveriesAsync(Namespace.Default, "w", null, 100, default)).Items, item => Assert.Equal((DeliveryState.Delivered, 1), (item.State, item.Attempts)));
    }

    [Fact]
    public async Task The_number_of_webhooks_holds_for_nodes_that_put_them_at_once()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        var nodes = Enumerable.Range(0, 3).Select(_ => new PostgresWebhookStore(database.Source, Guid.NewGuid())).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async number => await nodes[number % 3].ChangeAsync(
            Namespace.Default, $"w{number}", (_, count) => count >= 5 ? null : Row($"w{number}"), default)));
        Assert.Equal(5, (await nodes[0].ListAsync(Namespace.Default, default)).Count);
    }

    private static async Task AddAsync(PostgresWebhookStore store, int count)
    {
        var row = (await store.ChangeAsync(Namespace.Default, "w", (_, _) => Row("w"), default))!;
        for (var i = 0; i < count; i++) await store.AddAsync(DeliveryRules.Test(row, Guid.NewGuid(), Noon.AddSeconds(i - count)), default);
    }

    private static WebhookRow Row(string name) =>
        WebhookRules.Put(null, Namespace.Default, name, new WebhookDefinition { Url = $"https://{name}.example/" }, WebhookSecret.Generate(), Noon);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
