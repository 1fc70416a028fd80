using System.Globalization;
using System.Text.Json.Serialization;
using ActorPerf.Tasks;

namespace ActorPerf.Data.Demo;

/// <summary>What the namespace <c>demo</c> holds: the kinds of a small site, and what fills them. Loading again writes the same.</summary>
internal static class DemoWorld
{
    public const int Accounts = 50;
    public const int Messages = 50;

    public static readonly Namespace Namespace = Namespace.Parse("demo");

    public static readonly EntityKind<Account> Account = new("Account", DemoJson.Default.Account);
    public static readonly EntityKind<GuestBookEntry> GuestBook = new("GuestBook", DemoJson.Default.GuestBookEntry);
    public static readonly EntityKind<Message> Message = new("Message", DemoJson.Default.Message);
    public static readonly EntityKind<CartItem> Cart = new("Cart", DemoJson.Default.CartItem);
    public static readonly EntityKind<Offer> Offer = new("Offer", DemoJson.Default.Offer);
    public static readonly EntityKind<StockItem> Stock = new("Stock", DemoJson.Default.StockItem);
    public static readonly EntityKind<Counter> Counters = new("Counter", DemoJson.Default.Counter);

    /// <summary>Writes everything.</summary>
    /// <returns>How many entities.</returns>
    public static async Task<int> LoadAsync(IData data, CancellationToken ct)
    {
        var written = await Task.WhenAll(
            FillAsync(data, Account, Accounts, static n => new Account($"Person {n}"), ct),
            FillAsync(data, GuestBook, 20, static n => new GuestBookEntry(n, Invariant($"Greetings no. {n}")), ct),
            FillAsync(data, Message, Messages, static n => new Message(n, Invariant($"Message no. {n}")), ct),
            FillAsync(data, Cart, 8, static n => new CartItem(1, n, n % 3 + 1), ct),
            FillAsync(data, Offer, 6, static n => new Offer(n + 4, 10 * n), ct),
            FillAsync(data, Stock, 20, static n => new StockItem($"Product {n}", 100 - n), ct),
            FillAsync(data, Counters, 1, static _ => new Counter(0), ct));
        return written.Sum();
    }

    private static async Task<int> FillAsync<T>(IData data, EntityKind<T> kind, int count, Func<int, T> make, CancellationToken ct)
    {
        await data.PutManyAsync(kind, Enumerable.Range(1, count).Select(n => ((EntityId)n, make(n))), ct);
        return count;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

internal sealed record Account(string Name);

internal sealed record GuestBookEntry(int Author, string Text);

/// <param name="Author">An account's number; each message has another.</param>
internal sealed record Message(int Author, string Text);

/// <param name="Product">A number of the stock.</param>
internal sealed record CartItem(int Account, int Product, int Quantity);

internal sealed record Offer(int Product, int Price);

internal sealed record StockItem(string Name, int Count);

internal sealed record Counter(long Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(GuestBookEntry))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(CartItem))]
[JsonSerializable(typeof(Offer))]
[JsonSerializable(typeof(StockItem))]
[JsonSerializable(typeof(Counter))]
internal sealed partial class DemoJson : JsonSerializerContext;
