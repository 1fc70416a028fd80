using System.Text.Json.Serialization;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Data;

internal enum Level
{
    Low,
    High,
}

internal sealed record Place(string City, int? Zip = null);

internal sealed record Person(string Name, int Age, bool Active, Place Home, Level Level = Level.Low, [property: JsonPropertyName("since-year")] double Since = 0);

internal sealed record PersonName(string Name);

[JsonSerializable(typeof(Person)), JsonSerializable(typeof(PersonName))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
internal sealed partial class PersonJson : JsonSerializerContext;

/// <summary>Queries as they are built, paged and streamed.</summary>
public sealed class DataQueryTests
{
    private static readonly EntityKind<Person> People = new("Person", PersonJson.Default.Person);

    private static DataQuery<Person> Query => TransactionWorld.OnThreads().Data.Query(People);

    [Fact]
    public void Conditions_of_members_become_filters_with_the_names_of_the_JSON()
    {
        var city = "Oslo";
        int[] ages = [30, 40];
        Check(Query.Where(p => p.Home.City == city), new EntityFilter.Compare("home.city", EntityOperator.Eq, new EntityValue.Text("Oslo")));
        Check(Query.Where(p => 18 <= p.Age), new EntityFilter.Compare("age", EntityOperator.Ge, new EntityValue.Integer(18)));
        Check(Query.Where(p => p.Active), new EntityFilter.Compare("active", EntityOperator.Eq, new EntityValue.Boolean(true)));
        Check(Query.Where(p => p.Level == Level.High), new EntityFilter.Compare("level", EntityOperator.Eq, new EntityValue.Text("High")));
        Check(Query.Where(p => p.Since > 2.5), new EntityFilter.Compare("since-year", EntityOperator.Gt, new EntityValue.Number(2.5)));
        Check(Query.Where(p => p.Home.Zip == null), new EntityFilter.Compare("home.zip", EntityOperator.Eq, new EntityValue.Null()));
        Check(Query.Where(p => p.Name.StartsWith("An")), new EntityFilter.StartsWith("name", "An"));
        var some = Assert.IsType<EntityFilter.In>(Query.Where(p => ages.Contains(p.Age)).Query.Filter);
        Assert.Equal(("age", 2), (some.Path, some.Values.Count));
        var and = Assert.IsType<EntityFilter.And>(Query.Where(p => p.Age > 1 && p.Age < 9 && !p.Active).Query.Filter);
        Assert.IsType<EntityFilter.Not>(and.All[2]);
        Assert.IsType<EntityFilter.Or>(Query.Where(p => p.Age > 1 || p.Active).Query.Filter);
        Assert.Equal([new EntityOrder("home.city"), new EntityOrder("age", true)], Query.OrderBy(p => p.Home.City).OrderByDescending(p => p.Age).Query.Order);

        static void Check(DataQuery<Person> query, EntityFilter expected) => Assert.Equal(expected, query.Query.Filter);
    }

    [Fact]
    public void A_condition_that_no_store_decides_is_refused_with_the_part()
    {
        var refused = Assert.Throws<NotSupportedException>(() => Query.Where(p => p.Name.Length > 3));
        Assert.Contains("Length", refused.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Query.Where(p => p.Age == Math.Abs(p.Age)));
    }

    [Fact]
    public async Task It_finds_counts_pages_and_projects()
    {
        var world = await FilledAsync(25);
        var adults = world.Data.Query(People).Where(p => p.Age >= 10).OrderByDescending(p => p.Age);
        Assert.Equal(15, await adults.CountAsync());
        Assert.Equal("p24", (await adults.FirstOrDefaultAsync())!.Value.Name);
        Assert.Null(await adults.Where(p => p.Age > 99).FirstOrDefaultAsync());
        Assert.Equal([24, 23, 22], (await adults.ToListAsync(3)).Select(p => p.Value.Age));
        Assert.Equal(15, (await adults.ToListAsync(1_000)).Count);
        Assert.Equal("p24", (await adults.Select(PersonJson.Default.PersonName).FirstOrDefaultAsync())!.Value.Name);
        Assert.Equal(25, (await adults.KeysOnly().FirstOrDefaultAsync()).Id.Number);
        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = await adults.PageAsync(4, cursor);
            seen.AddRange(page.Items.Select(p => p.Value.Age));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(10, 15).Reverse(), seen);
    }

    [Fact]
    public async Task It_counts_in_its_own_namespace_wherever_it_is_asked()
    {
        var world = await FilledAsync(5);
        var query = world.Data.Query(People);
        await using var scope = world.Data.BeginScope(new ScopeSettings { Namespace = Namespace.Parse("red") });
        await world.Data.PutAsync(People, 1, new Person("red", 1, true, new Place("Oslo")));
        Assert.Equal((5, 5), ((await query.ToListAsync(9)).Count, await query.CountAsync()));
        Assert.Equal(1, await world.Data.Query(People).CountAsync());
        Assert.Equal(1, await world.Data.CountAsync("Person"));
    }

    [Fact]
    public async Task A_transaction_counts_in_its_own_namespace_and_in_no_other()
    {
        var world = await FilledAsync(5);
        var query = world.Data.Query(People);
        var red = new TransactionOptions { Namespace = Namespace.Parse("red") };
        Assert.Equal(0, await world.Data.TransactAsync(async tx => await tx.Query(People).CountAsync(), red));
        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await world.Data.TransactAsync(async tx => await query.CountAsync(), red));
        Assert.Contains("'red'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_of_another_query_is_refused()
    {
        var world = await FilledAsync(10);
        var query = world.Data.Query(People).Where(p => p.Age >= 1).OrderBy(p => p.Name);
        var cursor = (await query.PageAsync(2)).Next!;
        Assert.Equal(2, (await query.PageAsync(2, cursor)).Items.Count);
        Assert.Equal(5, (await query.PageAsync(5, cursor)).Items.Count);                // the size may change
        await Assert.ThrowsAsync<QueryCursorException>(async () => await query.Where(p => p.Active).PageAsync(2, cursor));
        await Assert.ThrowsAsync<QueryCursorException>(async () => await query.OrderBy(p => p.Age).PageAsync(2, cursor));
        await Assert.ThrowsAsync<QueryCursorException>(async () => await world.Data.Query("Other").PageAsync(2, cursor));
        foreach (var forged in new[] { "", "?", "AAAA", cursor[..^3], cursor + "AA" }) await Assert.ThrowsAsync<QueryCursorException>(async () => await query.PageAsync(2, forged));
    }

    [Theory]
    [InlineData("x", 20_000)]
    [InlineData("ä", 150_000)]
    [InlineData("\u0001", 150_000)]
    [InlineData("😀", 80_000)]
    [InlineData("\ue000", 150_000)]
    public async Task A_cursor_is_taken_back_however_long_the_text_was_that_the_page_ended_with(string part, int times)
    {
        var world = TransactionWorld.OnThreads();
        var name = string.Concat(Enumerable.Repeat(part, times));
        await world.Data.PutManyAsync(People, Enumerable.Range(1, 2).Select(i => ((EntityId)(long)i, new Person(name, i, true, new Place("Oslo")))));
        var query = world.Data.Query("Person").OrderBy("name");
        var first = await query.PageAsync(1);
        var second = await query.PageAsync(1, first.Next);
        Assert.Equal((1, 2, null), (Assert.Single(first.Items).Key.Id.Number, Assert.Single(second.Items).Key.Id.Number, second.Next));
    }

    [Fact]
    public async Task A_stream_takes_few_bytes_at_a_time_also_where_large_rows_follow_small_ones()
    {
        const int row = 256 * 1024;
        var world = await FilledAsync(3_000);
        var large = new string('x', row);
        foreach (var some in Enumerable.Range(3_001, 60).Chunk(20))
            await world.Data.PutManyAsync(People, some.Select(i => ((EntityId)(long)i, new Person(large, i, true, new Place("Oslo")))));
        var largest = 0L;
        var rows = 0;
        world.Store.Page = page => largest = Math.Max(largest, page.Items.Sum(entity => (long)entity.Data.Length));
        await foreach (var _ in world.Data.Query("Person")) rows++;
        Assert.Equal(3_060, rows);
        Assert.InRange(largest, row, (4 * 1024 * 1024) + (2 * row));
    }

    [Fact]
    public void A_cursor_holds_every_sort_of_value()
    {
        var query = new EntityQuery(Namespace.Default, "K") { Order = [.. Enumerable.Range(0, 7).Select(i => new EntityOrder($"m{i}"))] };
        var place = new QueryPlace(
            [null, new EntityValue.Null(), new EntityValue.Boolean(true), new EntityValue.Integer(long.MaxValue), new EntityValue.Number(0.1), new EntityValue.Text("ä\"\\"), new EntityValue.Structure()], "x/1");
        Assert.True(QueryCursor.TryRead(QueryCursor.Write(query, place), query, out var read));
        Assert.Equal(place.Id, read!.Id);
        Assert.Equal(place.Values, read.Values);
    }

    [Fact]
    public async Task Via_the_scope_what_is_known_is_not_read_again()
    {
        var world = await FilledAsync(10);
        await using var scope = world.Data.BeginScope();
        foreach (var id in Enumerable.Range(0, 10)) await world.Data.GetAsync(People, id + 1);
        world.Store.Forget();
        Assert.Equal(9, (await world.Data.Query(People).Where(p => p.Age >= 1).ViaCache().ToListAsync(100)).Count);
        Assert.Equal([ScriptedSort.Query], world.Store.Statements.Select(statement => statement.Sort));
    }

    [Fact]
    public void Who_stops_after_ten_rows_has_read_two_pages_at_most() => TaskSimulation.ForEachSeed(1, FullRun.Of(40, 12), simulation =>
    {
        var world = TransactionWorld.In(simulation);
        simulation.Run(() => FillAsync(world, 1_000));
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(5)), TimeSpan.FromMilliseconds(simulation.Random.Next(5)));
        var seen = 0;
        simulation.Run(async () =>
        {
            await foreach (var _ in world.Data.Query(People))
            {
                await simulation.PauseAsync(simulation.Random.Next(3));
                if (++seen == 10) break;
            }
        });
        Assert.InRange(world.Store.Statements.Count, 1, 2);
        var after = world.Store.Statements.Count;
        simulation.Run(() => simulation.PauseAsync(1_000));
        Assert.Equal(after, world.Store.Statements.Count);
    });

    [Fact]
    public async Task A_stream_brings_every_row_once_in_pages_that_grow()
    {
        var world = await FilledAsync(3_000);
        var ages = new List<int>();
        await foreach (var person in world.Data.Query(People).OrderBy(p => p.Age)) ages.Add(person.Value.Age);
        Assert.Equal(Enumerable.Range(0, 3_000), ages);
        Assert.InRange(world.Store.Statements.Count, 3, 16);
    }

    [Fact]
    public async Task A_failure_reaches_the_consumer_and_ends_the_stream()
    {
        var world = await FilledAsync(1_000);
        var statements = 0;
        world.Store.FailBefore = _ => ++statements == 2 ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        var seen = 0;
        await Assert.ThrowsAsync<ActorPerf.Cluster.StoreUnavailableException>(async () =>
        {
            await foreach (var _ in world.Data.Query(People)) seen++;
        });
        Assert.Equal((200, 2), (seen, statements));
    }

    [Fact]
    public async Task Callbacks_over_a_stream_share_the_statements_of_their_reads()
    {
        var world = await FilledAsync(200);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.Zero);
        var fewest = int.MaxValue;
        // Callbacks that lose their processor to other programs read one by one. Nothing makes statements fewer than they are: so the best of many rounds counts.
        for (var round = 0; round < 50 && fewest > 40; round++)
        {
            world.Store.Forget();
            var read = 0;
            await foreach (var found in world.Data.Query(People).MapAsync(async (person, ct) => await world.Data.GetAsync(person.Key, ct), maxConcurrency: 50)) read += found is null ? 0 : 1;
            Assert.Equal(200, read);
            fewest = Math.Min(fewest, world.Store.Reads);
        }
        Assert.InRange(fewest, 4, 40);
    }

    [Fact]
    public async Task A_query_without_an_index_says_once_which_one_to_declare()
    {
        var log = new Lines();
        var world = TransactionWorld.OnThreads(log);
        await using var service = new DataService(new Unindexed(world.Store), new DataOptions(), TimeProvider.System, new Random(1), log);
        for (var i = 0; i < 3; i++) await service.Query(People).Where(p => p.Home.City == "x" && p.Age > i).OrderByDescending(p => p.Name).ToListAsync(5);
        Assert.Contains("Person { indexes = [\"home.city,-name\"] }", Assert.Single(log.All), StringComparison.Ordinal);
    }

    private static async Task<TransactionWorld> FilledAsync(int count)
    {
        var world = TransactionWorld.OnThreads();
        await FillAsync(world, count);
        return world;
    }

    private static async Task FillAsync(TransactionWorld world, int count)
    {
        foreach (var some in Enumerable.Range(0, count).Chunk(500))
            await world.Data.PutManyAsync(People, some.Select(i => ((EntityId)(i + 1L), new Person($"p{i}", i, i % 2 == 0, new Place("Oslo")))));
        world.Store.Forget();
    }

    private sealed class Lines : ILogger<DataService>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }

    /// <summary>Says of every query that it had no index.</summary>
    private sealed class Unindexed(IEntityStore inner) : IEntityStore
    {
        public EntityStoreLimits Limits => inner.Limits;

        public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct) => inner.ReadManyAsync(ns, keys, ct);

        public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) => inner.WriteManyAsync(ns, writes, ct);

        public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => inner.CommitAsync(ns, commit, ct);

        public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => inner.FindCommitAsync(ns, marker, ct);

        public async ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct) => await inner.QueryAsync(query, ct) with { Indexed = false };

        public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) => inner.CountAsync(ns, kind, filter, most, ct);

        public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => inner.AllocateAsync(ns, kind, count, ct);

        public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => inner.KindsAsync(ns, ct);

        public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => inner.EnsureIndexesAsync(kind, indexes, ct);

        public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => inner.DropOtherIndexesAsync(declared, ct);
    }
}
