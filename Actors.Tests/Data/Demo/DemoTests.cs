using System.Text;
using ActorPerf.Data;
using ActorPerf.Data.Demo;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data.Demo;

/// <summary>The demonstrations in numbers, in virtual time over a store whose reads take 20 ms.</summary>
public sealed class DemoTests
{
    private readonly TaskSimulation _simulation = new(7);
    private readonly DemoMeter _meter = new();
    private readonly DataService _data;

    public DemoTests()
    {
        var store = new DemoStore(new MemoryStorage(_simulation.Time, new Random(1)).Entities, _meter, _simulation.Time, TimeSpan.FromMilliseconds(20));
        _data = new DataService(store, new DataOptions(), _simulation.Time, new Random(1), NullLogger<DataService>.Instance, _simulation.Scheduler);
        Run(() => DemoWorld.LoadAsync(_data, CancellationToken.None));
    }

    [Theory]
    [InlineData(PageMode.Sync, 0.040)]
    [InlineData(PageMode.Async, 0.020)]
    public void A_page_of_two_reads_takes_the_time_of_the_slower_when_they_overlap(PageMode mode, double took)
    {
        var answer = Run(() => new DemoPageTask(_data, _meter, _simulation.Time).RunAsync(new DemoPageArgs(mode), Context(), default).AsTask());
        Assert.Equal(new DemoAnswer(took, 2, "Person 1, 20 entries"), answer);
    }

    [Fact]
    public void Leaving_the_handler_early_still_writes()
    {
        Run(() => new DemoPageTask(_data, _meter, _simulation.Time).RunAsync(new DemoPageArgs(PageMode.Async), Context(), default).AsTask());
        Assert.NotNull(Run(() => _data.GetAsync(Key.Of(DemoWorld.Namespace, "Counter", "page-visited")).AsTask()));
    }

    [Theory]
    [InlineData(MessagesMode.Loop, 51 * 0.020, 51)]
    [InlineData(MessagesMode.Map, 2 * 0.020, 2)]
    public void Fifty_messages_with_their_authors_are_two_statements_and_not_fifty_one(MessagesMode mode, double took, int statements)
    {
        var answer = Run(() => new DemoMessagesTask(_data, _meter, _simulation.Time).RunAsync(new DemoMessagesArgs(mode), Context(), default).AsTask());
        Assert.Equal(new DemoAnswer(took, statements, "50 messages of 50 authors"), answer);
    }

    [Theory]
    [InlineData(CartMode.Sequential, 0.080, 4)]
    [InlineData(CartMode.Parallel, 0.040, 3)]
    public void Cart_and_offers_overlap_and_share_the_read_of_their_stock(CartMode mode, double took, int statements)
    {
        var answer = Run(() => new DemoCartTask(_data, _meter, _simulation.Time).RunAsync(new DemoCartArgs(mode), Context(), default).AsTask());
        Assert.Equal(new DemoAnswer(took, statements, "8 items of the cart and 6 offers in stock"), answer);
    }

    [Fact]
    public void A_counter_raised_by_many_at_once_counts_right()
    {
        var answers = Run(() => Task.WhenAll(Enumerable.Range(0, 5).Select(_ => new DemoCounterTask(_data, _meter, _simulation.Time).RunAsync(new NoArgs(), Context(), default).AsTask())));
        Assert.Equal(["1", "2", "3", "4", "5"], answers.Select(static answer => answer.Found).Order());
    }

    [Theory]
    [InlineData(5, "pause", 0.005)]
    [InlineData(500, "account", 0.020)]
    public void The_first_of_three_is_the_answer(int pause, string first, double soonest)
    {
        var answer = Run(() => new DemoFirstTask(_data, _meter, _simulation.Time).RunAsync(new DemoFirstArgs(TimeSpan.FromMilliseconds(pause)), Context(), default).AsTask());
        Assert.Equal(soonest, answer.Took);
        if (first == "pause") Assert.Equal(first, answer.Found);
        else Assert.Contains(answer.Found, new[] { "account", "guest book" });
    }

    [Theory]
    [InlineData(5, 1, "Message no. 5")]
    [InlineData(25, 3, "Message no. 25")]
    [InlineData(99, 5, "not there")]
    public void A_search_reads_no_further_than_it_must(int author, int pages, string found)
    {
        var answer = Run(() => new DemoFindTask(_data, _meter, _simulation.Time).RunAsync(new DemoFindArgs(author), Context(), default).AsTask());
        Assert.Equal(new DemoAnswer(Math.Round(pages * 0.020, 4), pages, found), answer);
    }

    [Fact]
    public void A_fetch_and_a_read_overlap()
    {
        var answer = Run(() => new DemoFetchTask(_data, new SlowFetch(_simulation), _meter, _simulation.Time).RunAsync(new DemoFetchArgs("https://example.com/"), Context(), default).AsTask());
        Assert.Equal(new DemoAnswer(0.030, 1, "status 200, 5 bytes, for Person 1"), answer);
    }

    [Fact]
    public void Another_namespace_is_refused_and_its_reads_are_not_held_up()
    {
        var elsewhere = new AttemptContext(null, 1, Namespace.Default, "demo-page", _simulation.Time);
        Run(() => Assert.ThrowsAsync<NonRetryableException>(() => new DemoPageTask(_data, _meter, _simulation.Time).RunAsync(new DemoPageArgs(PageMode.Sync), elsewhere, default).AsTask()));
        var before = _simulation.Time.GetTimestamp();
        Run(() => _data.GetAsync(Key.Of(Namespace.Default, "Account", 1)).AsTask());
        Assert.Equal(before, _simulation.Time.GetTimestamp());
    }

    private AttemptContext Context() => new(null, 1, DemoWorld.Namespace, "demo", _simulation.Time);

    /// <summary>As an attempt runs: in a scope of its own.</summary>
    private T Run<T>(Func<Task<T>> code) => _simulation.Run(() => _data.InScopeAsync(_ => code(), new ScopeSettings { Namespace = DemoWorld.Namespace }));

    private sealed class SlowFetch(TaskSimulation simulation) : IFetch
    {
        public async Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken ct = default)
        {
            await simulation.PauseAsync(30, ct);
            return new FetchResponse(200, new Dictionary<string, string>(), Encoding.UTF8.GetBytes("hello"));
        }
    }
}
