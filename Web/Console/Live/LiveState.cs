using ActorPerf.Cluster;
namespace ActorPerf.Web.Console.Live;

/// <summary>Everything of one view that changes while it is open, as texts and attributes under the keys that the page marks.</summary>
/// <remarks>A key names an element (<c>data-live</c>) and holds its text; <c>key@attribute</c> holds one of its attributes. A page renders from
/// the same values, so that a first look and an update can never differ.</remarks>
public sealed class LiveState
{
    /// <summary>Changes when the page is built differently (a section came or went): then it is fetched again instead of patched.</summary>
    public string Shape { get; init; } = "";

    public LiveValues Values { get; init; } = [];

    /// <summary>Tables whose rows come and go, by the name that the page marks with <c>data-rows</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<LiveRow>> Rows { get; init; } = new Dictionary<string, IReadOnlyList<LiveRow>>();
}

/// <summary>Texts by key, attributes by <c>key@attribute</c>.</summary>
public sealed class LiveValues : Dictionary<string, string>
{
    public LiveValues()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>A moment, as <c>When</c> shows it: its words are the page's, which go on with the time. Null: nothing.</summary>
    public void AddMoment(string key, DateTimeOffset? at)
    {
        if (at is not { } moment) return;
        this[key + "@datetime"] = Words.Exact(moment);
        this[key + "@title"] = Words.Exact(moment);
    }

    /// <summary>Reads a key for rendering; "" where there is none.</summary>
    public string Text(string key) => TryGetValue(key, out var value) ? value : "";
}

/// <summary>One row; its cells are keyed within the row.</summary>
public sealed record LiveRow(string Key, LiveValues Cells);

/// <summary>What a topic reads, once a second while anybody looks.</summary>
internal interface ILiveSource : IAsyncDisposable
{
    /// <exception cref="Jobs.StoreUnavailableException">Asked again a second later.</exception>
    ValueTask<LiveState> SampleAsync(CancellationToken ct);
}

/// <summary>A source that is one question.</summary>
internal sealed class LiveQuestion(Func<CancellationToken, ValueTask<LiveState>> ask) : ILiveSource
{
    public ValueTask<LiveState> SampleAsync(CancellationToken ct) => ask(ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
