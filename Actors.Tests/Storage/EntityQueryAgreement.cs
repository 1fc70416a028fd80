using System.Globalization;
using System.Text;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Storage.PostgreSql;

namespace ActorPerf.Tests.Storage;

/// <summary>Random entities, filters, orders and pages: a database answers as the plain model in memory does.</summary>
public sealed class EntityQueryAgreement : IAsyncLifetime
{
    private static readonly Namespace Shop = Namespace.Parse("shop");
    private static readonly string[] Paths = ["a", "b", "a.x", "b.0", "a.null", "c-d", "b.0.a"];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
    private readonly ManualTime _time = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task SQLite_answers_as_memory_does(int seed)
    {
        using var storage = SqliteStorage.Open($"Data Source={Path.Combine(_folder, "entities.db")}", _time, new Random(1), _ => { });
        await AgreeAsync(storage.Entities, seed, queries: FullRun.SkipReason is null ? 75 : 15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task PostgreSQL_answers_as_memory_does(int seed)
    {
        await using var database = await PostgresDatabase.OpenAsync(await PostgresServer.NewDatabaseAsync(), default);
        await AgreeAsync(new PostgresEntityStore(database), seed, queries: 75);
    }

    private async Task AgreeAsync(IEntityStore store, int seed, int queries)
    {
        using var model = new MemoryStorage(_time, new Random(1));
        var random = new Random(seed);
        // Half of the runs have indexes, so that both ways of answering are held against the model.
        if (seed % 2 == 1) await store.EnsureIndexesAsync("Thing", ["a", "b,-a", "-c-d", "a.x,b"], default);
        var writes = Enumerable.Range(1, 120).Select(i => (EntityWrite)new EntityWrite.Put(Key.Of(Shop, "Thing", Id(random, i)), Encoding.UTF8.GetBytes(Document(random)))).ToArray();
        await store.WriteManyAsync(Shop, writes, default);
        await model.Entities.WriteManyAsync(Shop, writes, default);

        for (var i = 0; i < queries; i++)
        {
            var query = new EntityQuery(Shop, "Thing")
            {
                Filter = random.Next(4) == 0 ? null : Filter(random, 0),
                Order = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new EntityOrder(Pick(random, Paths), random.Next(2) == 0))],
                Limit = random.Next(1, 40),
                KeysOnly = random.Next(3) == 0,
            };
            var here = await AllAsync(model.Entities, query);
            var there = await AllAsync(store, query);
            Assert.True(here.SequenceEqual(there), $"seed {seed}, query {i}: {Say(query)}\nmemory: {string.Join(' ', here)}\nstore:  {string.Join(' ', there)}");
            Assert.Equal(here.Count(row => row != "|"), await store.CountAsync(Shop, "Thing", query.Filter, long.MaxValue, default));
        }
    }

    /// <summary>All pages, with a bar where each ends.</summary>
    private static async Task<List<string>> AllAsync(IEntityStore store, EntityQuery query)
    {
        var rows = new List<string>();
        for (EntityPage? page = null; page is null || page.Next is not null;)
        {
            page = await store.QueryAsync(query with { After = page?.Next }, default);
            rows.AddRange(page.Items.Select(entity => $"{entity.Key.Id}={Encoding.UTF8.GetString(entity.Data.Span)}"));
            rows.Add("|");
        }
        return rows;
    }

    private static EntityId Id(Random random, int i) => random.Next(3) switch
    {
        0 => i,
        1 => $"t{i}ü",
        _ => new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)random.Next(256)),
    };

    private static string Document(Random random)
    {
        var members = new List<string>();
        foreach (var name in new[] { "a", "b", "c-d" })
            if (random.Next(5) > 0) members.Add($"\"{name}\":{Value(random, 0)}");
        return $"{{{string.Join(',', members)}}}";
    }

    private static string Value(Random random, int depth) => random.Next(depth > 2 ? 7 : 9) switch
    {
        0 => "null",
        1 => "true",
        2 => "false",
        3 or 4 => Number(random),
        5 or 6 => $"\"{Text(random)}\"",
        7 => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth + 1)))}]",
        _ => $"{{{string.Join(',', new[] { "x", "null", "a", "0" }.Where(_ => random.Next(2) == 0).Select(name => $"\"{name}\":{Value(random, depth + 1)}"))}}}",
    };

    private static string Number(Random random) => random.Next(6) switch
    {
        0 => random.Next(-3, 4).ToString(CultureInfo.InvariantCulture),
        1 => (random.Next(-20, 20) / 10.0).ToString("R", CultureInfo.InvariantCulture),
        2 => random.Next(-3, 4).ToString(CultureInfo.InvariantCulture) + (random.Next(2) == 0 ? ".0" : "e0"),
        3 => (9007199254740990 + random.Next(6)).ToString(CultureInfo.InvariantCulture),
        4 => Pick(random, ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775806", "1e300", "-0.0", "-0", "9007199254740992.0"]),
        _ => (random.NextDouble() * Math.Pow(10, random.Next(-20, 20))).ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Text(Random random) => Pick(random, ["", "a", "ab", "b", "B", "ä", "\\u0061", "1", "true", "null", "{}", "\\uffee", "😀", "\\ud83d\\ude00x", "a'b", "a\\\"b", "%", "ab%", "é"]);

    private static EntityFilter Filter(Random random, int depth)
    {
        var path = Pick(random, Paths);
        return random.Next(depth > 2 ? 7 : 10) switch
        {
            0 or 1 or 2 or 3 => new EntityFilter.Compare(path, (EntityOperator)random.Next(6), Operand(random)),
            4 => new EntityFilter.In(path, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Operand(random))]),
            5 => new EntityFilter.StartsWith(path, Unescaped(Text(random))),
            6 => new EntityFilter.Exists(path, random.Next(2) == 0),
            7 => new EntityFilter.And([.. Enumerable.Range(0, random.Next(4)).Select(_ => Filter(random, depth + 1))]),
            8 => new EntityFilter.Or([.. Enumerable.Range(0, random.Next(4)).Select(_ => Filter(random, depth + 1))]),
            _ => new EntityFilter.Not(Filter(random, depth + 1)),
        };
    }

    private static EntityValue Operand(Random random)
    {
        switch (random.Next(7))
        {
            case 0: return new EntityValue.Null();
            case 1: return new EntityValue.Boolean(random.Next(2) == 0);
            case 2 or 3: return new EntityValue.Text(Unescaped(Text(random)));
            default:
                var number = Number(random);
                return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                    ? new EntityValue.Integer(whole)
                    : new EntityValue.Number(double.Parse(number, CultureInfo.InvariantCulture));
        }
    }

    private static string Unescaped(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse($"\"{json}\"");
        return document.RootElement.GetString()!;
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static string Say(EntityQuery query) => $"{Say(query.Filter)} by {string.Join(',', query.Order)} limit {query.Limit} keys {query.KeysOnly}";

    private static string Say(EntityFilter? filter) => filter switch
    {
        EntityFilter.And and => $"({string.Join(" and ", and.All.Select(Say))})",
        EntityFilter.Or or => $"({string.Join(" or ", or.Any.Select(Say))})",
        EntityFilter.Not not => $"not {Say(not.Filter)}",
        EntityFilter.In among => $"{among.Path} in [{string.Join(' ', among.Values)}]",
        _ => filter?.ToString() ?? "all",
    };
}
