using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Web.Console.Live;

/// <summary>One second of a view, written for the stream as what changed since the frame before, and whole for whoever joins or fell behind.</summary>
/// <param name="Number">Counts the frames of a topic, from 1.</param>
/// <param name="Change">UTF-8 JSON; null on the first frame.</param>
internal sealed record LiveFrame(long Number, LiveState State, DateTimeOffset At, byte[]? Change)
{
    // Made once for all who look, and not before somebody does: who is in step never asks for the whole. Two that meet here make the same.
    private byte[]? _whole;
    private byte[]? _change;

    /// <summary>The event to send to a page that has seen the frames up to a number: what changed for who is in step, everything for others.</summary>
    public ReadOnlyMemory<byte> EventFor(long seen) => seen > 0 && seen == Number - 1
        ? _change ??= Event(Change ?? Write(State, null, At))
        : _whole ??= Event(Write(State, null, At));

    /// <summary>A frame that says only that nothing changed: proxies and pages are told so now and then.</summary>
    /// <param name="asOf">When the state was read last; older than now where the store is away.</param>
    public LiveFrame Beat(DateTimeOffset now, DateTimeOffset asOf) => new(Number + 1, State, now, null)
    {
        _change = Encoding.UTF8.GetBytes($"event: beat\ndata: {{\"now\":\"{Words.Exact(now)}\",\"asOf\":\"{Words.Exact(asOf)}\"}}\n\n"),
    };

    /// <summary>The next frame; null when nothing changed.</summary>
    public static LiveFrame? After(LiveFrame? last, LiveState now, DateTimeOffset at)
    {
        if (last is null) return new LiveFrame(1, now, at, null);
        return IsSame(last.State, now) ? null : new LiveFrame(last.Number + 1, now, at, Write(now, last.State, at));
    }

    private byte[] Event(byte[] json) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {Number}\nevent: frame\ndata: ")), .. json, (byte)'\n', (byte)'\n'];

    private static bool IsSame(LiveState old, LiveState now) => old.Shape == now.Shape
        && SameValues(old.Values, now.Values)
        && old.Rows.Count == now.Rows.Count
        && now.Rows.All(table => old.Rows.TryGetValue(table.Key, out var before) && SameRows(before, table.Value));

    private static bool SameRows(IReadOnlyList<LiveRow> old, IReadOnlyList<LiveRow> now) =>
        old.Count == now.Count && old.Zip(now).All(pair => pair.First.Key == pair.Second.Key && SameValues(pair.First.Cells, pair.Second.Cells));

    private static bool SameValues(LiveValues old, LiveValues now) =>
        old.Count == now.Count && now.All(entry => old.TryGetValue(entry.Key, out var before) && before == entry.Value);

    private static byte[] Write(LiveState now, LiveState? old, DateTimeOffset at)
    {
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            json.WriteString("now", Words.Exact(at));
            json.WriteString("build", ConsoleAssets.Build);
            json.WriteString("shape", now.Shape);
            WriteValues(json, "set", now.Values, old?.Values);
            json.WriteStartObject("rows");
            foreach (var (table, rows) in now.Rows) WriteRows(json, table, rows, old?.Rows.GetValueOrDefault(table));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return into.ToArray();
    }

    private static void WriteRows(Utf8JsonWriter json, string table, IReadOnlyList<LiveRow> now, IReadOnlyList<LiveRow>? old)
    {
        if (old is not null && SameRows(old, now)) return;
        var before = (old ?? []).ToDictionary(row => row.Key, row => row.Cells, StringComparer.Ordinal);
        json.WriteStartObject(table);
        json.WriteStartArray("order");
        foreach (var row in now) json.WriteStringValue(row.Key);
        json.WriteEndArray();
        json.WriteStartObject("set");
        foreach (var row in now)
            if (!before.TryGetValue(row.Key, out var cells) || !SameValues(cells, row.Cells)) WriteValues(json, row.Key, row.Cells, cells);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What is new or other than before; a key that is gone is written as null, which takes an attribute away.</summary>
    private static void WriteValues(Utf8JsonWriter json, string name, LiveValues now, LiveValues? old)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in now)
            if (old is null || !old.TryGetValue(key, out var before) || before != value) json.WriteString(key, value);
        foreach (var key in old?.Keys.Where(key => !now.ContainsKey(key)) ?? []) json.WriteNull(key);
        json.WriteEndObject();
    }
}
