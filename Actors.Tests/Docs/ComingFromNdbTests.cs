using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Architecture;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Docs;

/// <summary>The code of docs/coming-from-ndb.md, compiled and run: every block of that page stands in this file, line by line.</summary>
public sealed partial class ComingFromNdbTests : IAsyncDisposable
{
    private static readonly EntityKind<Account> Accounts = new("Account", NdbJson.Default.Account);
    private static readonly EntityKind<Note> Notes = new("Note", NdbJson.Default.Note);

    private readonly ScriptedEntityStore _store = new(new MemoryStorage(TimeProvider.System, new Random(1)).Entities, TimeProvider.System);
    private readonly ConcurrentExclusiveSchedulerPair _pipelines = new();
    private readonly DataService data;
    private readonly CancellationToken ct = TestContext.Current.CancellationToken;

    public ComingFromNdbTests() => data = new DataService(_store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance, _pipelines.ExclusiveScheduler);

    public ValueTask DisposeAsync() => data.DisposeAsync();

    [Fact]
    public void Every_block_of_the_page_stands_in_this_file()
    {
        var source = Plain(SourceTree.Read("Actors.Tests", "Docs", "ComingFromNdbTests.cs"));
        var blocks = Code().Matches(SourceTree.Read("docs", "coming-from-ndb.md")).Select(static block => Plain(block.Groups[1].Value)).ToList();
        Assert.NotEmpty(blocks);
        Assert.Empty(blocks.Where(block => !source.Contains(block, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reading_and_writing()
    {
        await data.PutAsync(Accounts, "ann", new Account("Ann", 30));
        await data.PutAsync(Accounts, "bob", new Account("Bob", 40));
        _store.Forget();

        var ann = await data.GetAsync(Accounts, "ann");                              // Entity<Account>?, with Value and Version
        var both = await data.GetManyAsync(Accounts, ["ann", "bob"]);                // one statement
        var put = await data.PutAsync(Accounts, "cid", new Account("Cid", 20));
        var outcomes = await data.PutManyAsync(Accounts, [("dan", new Account("Dan", 50)), ("eva", new Account("Eva", 60))]);
        await data.DeleteAsync(Accounts, "dan");
        var fay = await data.GetOrInsertAsync(Accounts, "fay", () => new Account("Fay", 70));
        var first = await data.AllocateAsync("Account", 10);                         // first to first + 9 are yours

        Assert.Equal(("Ann", 2, 1L, 2, "Fay"), (ann!.Value.Name, both.Count, put.Version, outcomes.Count, fay.Value.Name));
        Assert.True(first > 0);
        Assert.Equal(0, (await data.GetManyAsync(Accounts, ["dan"])).Count(static found => found is not null));
    }

    [Fact]
    public async Task At_once()
    {
        await data.PutAsync(Accounts, "ann", new Account("Ann", 30));
        await data.PutAsync(Notes, "ann", new Note("ann", "hello"));
        await using var scope = data.BeginScope();
        _store.Forget();
        await HoldUntilBothStandInLineAsync();

        var (account, note) = await (data.GetAsync(Accounts, "ann"), data.GetAsync(Notes, "ann"));   // both are read, one time is waited

        Assert.Equal(("Ann", "hello"), (account!.Value.Name, note!.Value.Text));
        Assert.Equal(1, _store.Reads);

        Task<Entity<Account>?> one = data.GetAsync(Accounts, "bob").AsTask(), two = data.GetAsync(Accounts, "ann").AsTask();
        var (index, winner) = await new[] { one, two }.WhenAnyAsync();               // none at all is refused

        Assert.InRange(index, 0, 1);
        Assert.Equal(index == 1, winner is not null);
        await Task.WhenAll(one, two);
    }

    [Fact]
    public async Task Queries()
    {
        for (var n = 1; n <= 30; n++) await data.PutAsync(Accounts, n, new Account($"P{n:00}", n));
        await data.PutAsync(Notes, 1, new Note("5", "x"));

        var adults = data.Query(Accounts).Where(account => account.Age >= 18).OrderBy(account => account.Name);
        var ten = await adults.ToListAsync(10);                                      // fetch(10)
        var page = await adults.PageAsync(10);                                       // fetch_page(10); page.Next is the cursor
        var count = await adults.CountAsync();                                       // count()
        var youngest = await adults.FirstOrDefaultAsync();                           // get()
        var found = "";
        await foreach (var account in adults)                                        // iter(): pages as they are needed, and no further
        {
            if (account.Value.Age != 20) continue;
            found = account.Value.Name;
            break;
        }

        Assert.Equal((10, 10, 13L, "P18", "P20"), (ten.Count, page.Items.Count, count, youngest!.Value.Name, found));

        var notes = await data.Query(Notes).ToListAsync(50);
        var authors = await notes.MapAsync((note, stop) => data.GetAsync(Accounts, note.Value.Author, stop));   // map(callback): one statement for all

        Assert.Equal("P05", authors[0]!.Value.Name);
    }

    [Fact]
    public async Task Transactions()
    {
        await data.PutAsync(Accounts, "ann", new Account("Ann", 30));
        var told = 0;

        var age = await data.TransactAsync(async tx =>
        {
            var ann = await tx.GetAsync(Accounts, "ann");
            var older = ann!.Value with { Age = ann.Value.Age + 1 };
            await tx.UpdateAsync(Accounts, ann, older);
            tx.AfterCommit(() => Task.FromResult(told++));                           // call_on_commit
            return older.Age;
        });

        Assert.Equal((31, 1), (age, told));
    }

    [Fact]
    public async Task Leaving()
    {
        await data.InScopeAsync(scope =>
        {
            _ = data.PutAsync(Notes, "later", new Note("ann", "written before the scope is left"));
            return Task.CompletedTask;
        });

        Assert.NotNull(await data.GetAsync(Notes, "later"));

        await using var theirs = data.BeginScope(new ScopeSettings { Namespace = Namespace.Parse("tenant-7") });
        await data.PutAsync(Notes, "own", new Note("ann", "of that tenant"));

        Assert.Null(await data.GetAsync(Key.Of(Namespace.Default, "Note", "own"), ct));
    }

    /// <summary>Nothing is taken from the line before both reads are in it: a thread that stands still between the two would make them two statements.</summary>
    private async Task HoldUntilBothStandInLineAsync()
    {
        var holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Factory.StartNew(
            () =>
            {
                holds.SetResult();
                SpinWait.SpinUntil(() => data.Statistics.Reads.Queued == 2, TimeSpan.FromSeconds(60));
            },
            CancellationToken.None, TaskCreationOptions.None, _pipelines.ExclusiveScheduler);
        await holds.Task;
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}

internal sealed record Account(string Name, int Age);

internal sealed record Note(string Author, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(Note))]
internal sealed partial class NdbJson : JsonSerializerContext;
