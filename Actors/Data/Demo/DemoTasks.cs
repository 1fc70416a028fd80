using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Data.Demo;

/// <summary>Fills the namespace <c>demo</c>.</summary>
[ComputeTask("demo-load", Summary = "Fills the namespace demo with a small site; answers the number of entities.", Queue = "io")]
public sealed class DemoLoadTask(IData data) : IComputeTask<NoArgs, int>
{
    public async ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct)
    {
        if (context.Namespace != DemoWorld.Namespace) throw new NonRetryableException("The demonstration's data goes into the namespace 'demo'. Send the header ActorPerf-Namespace: demo (--namespace demo).");
        return await DemoWorld.LoadAsync(data, ct);
    }
}

public enum PageMode
{
    Sync,
    Async,
}

public sealed record DemoPageArgs(PageMode Mode);

/// <summary>A page that needs two things which have nothing to do with each other.</summary>
[ComputeTask("demo-page", Summary = "An account and the guest book, one after the other (sync) or at once (async); leaves a write behind that nobody awaits.", Queue = "io")]
public sealed class DemoPageTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoPageArgs, DemoAnswer>
{
    public ValueTask<DemoAnswer> RunAsync(DemoPageArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        // Nobody awaits it: the attempt's scope does, before the answer counts.
        _ = Data.PutAsync(DemoWorld.Counters, "page-visited", new Counter(Time.GetUtcNow().ToUnixTimeMilliseconds()), ct: ct);
        if (args.Mode == PageMode.Sync)
        {
            var account = await GetAsync(DemoWorld.Account, 1, ct);
            var entries = await PageAsync(DemoWorld.GuestBook, 20, ct);
            return Told(account, entries);
        }
        var (one, list) = await (GetAsync(DemoWorld.Account, 1, ct), PageAsync(DemoWorld.GuestBook, 20, ct));
        return Told(one, list);
    }, ct);

    private static string Told(Account account, IReadOnlyList<GuestBookEntry> entries) => string.Create(CultureInfo.InvariantCulture, $"{account.Name}, {entries.Count} entries");
}

public enum MessagesMode
{
    Loop,
    Map,
}

public sealed record DemoMessagesArgs(MessagesMode Mode);

/// <summary>A list, and for each of its items something that must be read.</summary>
[ComputeTask("demo-messages", Summary = "Fifty messages with their authors: a read for each (loop), or one for all (map).", Queue = "io")]
public sealed class DemoMessagesTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoMessagesArgs, DemoAnswer>
{
    public ValueTask<DemoAnswer> RunAsync(DemoMessagesArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        var messages = await PageAsync(DemoWorld.Message, DemoWorld.Messages, ct);
        var authors = new List<string>();
        if (args.Mode == MessagesMode.Loop)
        {
            foreach (var message in messages) authors.Add((await GetAsync(DemoWorld.Account, message.Author, ct)).Name);
        }
        else
        {
            authors.AddRange(await messages.MapAsync(async (message, stop) => (await GetAsync(DemoWorld.Account, message.Author, stop)).Name, ct: ct));
        }
        return string.Create(CultureInfo.InvariantCulture, $"{messages.Count} messages of {authors.Distinct().Count()} authors");
    }, ct);
}

public enum CartMode
{
    Sequential,
    Parallel,
}

public sealed record DemoCartArgs(CartMode Mode);

/// <summary>Two chains of reads, each of two steps; between the chains nothing depends on anything.</summary>
[ComputeTask("demo-cart", Summary = "A cart and the offers, each with its stock: one chain after the other (sequential), or both at once (parallel).", Queue = "io")]
public sealed class DemoCartTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoCartArgs, DemoAnswer>
{
    public ValueTask<DemoAnswer> RunAsync(DemoCartArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        if (args.Mode == CartMode.Sequential) return Told(await CartAsync(ct), await OffersAsync(ct));
        var (cart, offers) = await (CartAsync(ct), OffersAsync(ct));
        return Told(cart, offers);
    }, ct);

    private async Task<int> CartAsync(CancellationToken ct)
    {
        var items = await PageAsync(DemoWorld.Cart, 100, ct);
        return await InStockAsync(items.Select(static item => item.Product), ct);
    }

    private async Task<int> OffersAsync(CancellationToken ct)
    {
        var offers = await PageAsync(DemoWorld.Offer, 100, ct);
        return await InStockAsync(offers.Select(static offer => offer.Product), ct);
    }

    private async Task<int> InStockAsync(IEnumerable<int> products, CancellationToken ct) =>
        (await Data.GetManyAsync(DemoWorld.Stock, products.Select(static product => (EntityId)product), ct)).Count(static found => found is { Value.Count: > 0 });

    private static string Told(int cart, int offers) => string.Create(CultureInfo.InvariantCulture, $"{cart} items of the cart and {offers} offers in stock");
}

/// <summary>A counter that many raise at once, and that counts right.</summary>
[ComputeTask("demo-counter", Summary = "Raises a counter in a transaction; answers its value.", Queue = "io")]
public sealed class DemoCounterTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<NoArgs, DemoAnswer>
{
    public ValueTask<DemoAnswer> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        var value = await Data.TransactAsync(async transaction =>
        {
            var counter = await transaction.GetAsync(DemoWorld.Counters, 1, ct);
            var next = new Counter((counter?.Value.Value ?? 0) + 1);
            await transaction.PutAsync(DemoWorld.Counters, 1, next, ct: ct);
            return next.Value;
        }, ct: ct);
        return value.ToString(CultureInfo.InvariantCulture);
    }, ct);
}

/// <param name="Pause">How long the third one takes.</param>
public sealed record DemoFirstArgs([property: DurationRange("0s", "1m")] TimeSpan? Pause = null);

/// <summary>The first of three to come is the answer; the others are no longer waited for.</summary>
[ComputeTask("demo-first", Summary = "Whichever of an account, the guest book and a pause comes first.", Queue = "io")]
public sealed class DemoFirstTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoFirstArgs, DemoAnswer>
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(5);

    public async ValueTask<DemoAnswer> RunAsync(DemoFirstArgs args, TaskContext context, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] racers = [];
        var answer = await MeasureAsync(context, async () =>
        {
            racers = [GetAsync(DemoWorld.Account, 1, enough.Token), PageAsync(DemoWorld.GuestBook, 20, enough.Token), Task.Delay(args.Pause ?? Usual, Time, enough.Token)];
            return await racers.WhenAnyAsync() switch { 0 => "account", 1 => "guest book", _ => "pause" };
        }, ct);
        // The answer is there; what nobody waits for any more is ended, not left behind.
        await enough.CancelAsync();
        foreach (var racer in racers) await racer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answer;
    }
}

/// <param name="Author">Whose message is looked for.</param>
public sealed record DemoFindArgs(int Author = 5);

/// <summary>Goes through a list until what it looks for is found, and reads no further.</summary>
[ComputeTask("demo-find", Summary = "Reads messages page by page until one of an author is found, and stops.", Queue = "io")]
public sealed class DemoFindTask(IData data, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoFindArgs, DemoAnswer>
{
    private const int PageSize = 10;

    public ValueTask<DemoAnswer> RunAsync(DemoFindArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        await foreach (var message in MessagesAsync(ct))
            if (message.Author == args.Author) return message.Text;
        return "not there";
    }, ct);

    private async IAsyncEnumerable<Message> MessagesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var query = new EntityQuery(DemoWorld.Namespace, DemoWorld.Message.Name) { Limit = PageSize };
        while (true)
        {
            var page = await Data.QueryPageAsync(query, ct);
            foreach (var entity in page.Items) yield return System.Text.Json.JsonSerializer.Deserialize(entity.Data.Span, DemoWorld.Message.Json)!;
            if (page.Next is null) yield break;
            query = query with { After = page.Next };
        }
    }
}

/// <param name="Url">Of what <c>actorperf.fetch.allow</c> allows.</param>
public sealed record DemoFetchArgs(string Url);

/// <summary>A fetch and a read at once: the time is that of the slower.</summary>
[ComputeTask("demo-fetch", Summary = "Fetches a URL while it reads an account.", Queue = "io")]
public sealed class DemoFetchTask(IData data, IFetch fetch, DemoMeter meter, TimeProvider time) : Demonstration(data, meter, time), IComputeTask<DemoFetchArgs, DemoAnswer>
{
    public ValueTask<DemoAnswer> RunAsync(DemoFetchArgs args, TaskContext context, CancellationToken ct) => MeasureAsync(context, async () =>
    {
        var (response, account) = await (fetch.FetchAsync(new FetchRequest(args.Url), ct), GetAsync(DemoWorld.Account, 1, ct));
        return string.Create(CultureInfo.InvariantCulture, $"status {response.Status}, {response.Body.Length} bytes, for {account.Name}");
    }, ct);
}
