using System.Globalization;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of a query: <c>{filter, order, limit, cursor, keysOnly, select}</c>, all of them optional.</summary>
internal static class QueryBody
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;
    private const int MaxOrders = 8;
    private const int MaxSelected = 100;

    /// <summary>Null with the query.</summary>
    /// <param name="streamed">Any limit is taken, and none means: to the end (the query's own limit is then that of a page).</param>
    /// <param name="most">Entities wanted at most.</param>
    public static Refusal? TryRead(ReadOnlyMemory<byte> body, int depth, Namespace ns, string kind, bool streamed, out EntityQuery? query, out long most)
    {
        (query, most) = (null, streamed ? long.MaxValue : DefaultLimit);
        var fault = SmallBody.TryRead(body, depth, ["filter", "order", "limit", "cursor", "keysOnly", "select"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            FieldFault?[] faults =
            [
                Filter(document, out var filter), Orders(document, out var orders), Limit(document, streamed, ref most), Flag(document, "keysOnly", out var keysOnly), Select(document, out var select),
            ];
            if (faults.OfType<FieldFault>().ToList() is { Count: > 0 } bad) return JsonFault.Members(bad);
            if (keysOnly && select.Count > 0) return JsonFault.Member("/select", "keysOnly brings no members at all. Leave one of them out.");
            var read = new EntityQuery(ns, kind) { Filter = filter, Order = orders, KeysOnly = keysOnly, Select = select, Limit = (int)Math.Min(most, MaxLimit) };
            return Cursor(document, read, out query);
        }
    }

    /// <summary>Null with the filter of <c>{filter}</c>.</summary>
    public static Refusal? TryReadFilter(ReadOnlyMemory<byte> body, int depth, out EntityFilter? filter)
    {
        filter = null;
        var fault = SmallBody.TryRead(body, depth, ["filter"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            return Filter(document, out filter) is { } bad ? JsonFault.Members([bad]) : null;
        }
    }

    private static FieldFault? Filter(JsonDocument document, out EntityFilter? filter)
    {
        filter = null;
        return document.Has("filter", out var value) ? FilterReader.Read(value, "/filter", out filter) : null;
    }

    private static FieldFault? Orders(JsonDocument document, out IReadOnlyList<EntityOrder> orders)
    {
        orders = [];
        if (!document.Has("order", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxOrders) return new FieldFault("/order", $"Write an array of at most {MaxOrders} paths: [\"-createdAt\", \"name\"].");
        var read = new List<EntityOrder>();
        foreach (var element in value.EnumerateArray())
        {
            var pointer = string.Create(CultureInfo.InvariantCulture, $"/order/{read.Count}");
            if (!element.TryText(out var text)) return new FieldFault(pointer, "Write a path; with a minus in front it descends.");
            var descending = text.StartsWith('-');
            var path = descending ? text[1..] : text;
            if (!FieldPath.IsValid(path)) return new FieldFault(pointer, $"This is no path: write {FieldPath.Rule}.");
            if (read.Any(other => other.Path == path)) return new FieldFault(pointer, "The path is there twice.");
            read.Add(new EntityOrder(path, descending));
        }
        orders = read;
        return null;
    }

    private static FieldFault? Limit(JsonDocument document, bool streamed, ref long most)
    {
        if (!document.Has("limit", out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var limit) && limit >= 1 && (streamed || limit <= MaxLimit))
        {
            most = limit;
            return null;
        }
        return new FieldFault("/limit", streamed ? "Write a whole number, 1 or more." : $"Write a whole number from 1 to {MaxLimit}; for more, follow the cursor or ask for lines (Accept: application/x-ndjson).");
    }

    private static FieldFault? Flag(JsonDocument document, string name, out bool flag)
    {
        flag = false;
        if (!document.Has(name, out var value)) return null;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return new FieldFault($"/{name}", "Write true or false.");
        flag = value.GetBoolean();
        return null;
    }

    private static FieldFault? Select(JsonDocument document, out IReadOnlyList<string> select)
    {
        select = [];
        if (!document.Has("select", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxSelected) return new FieldFault("/select", $"Write an array of at most {MaxSelected} members: [\"name\", \"city\"].");
        var read = new List<string>();
        foreach (var element in value.EnumerateArray())
        {
            if (!element.TryText(out var text)) return new FieldFault(string.Create(CultureInfo.InvariantCulture, $"/select/{read.Count}"), "Write a member's name.");
            read.Add(text);
        }
        select = read;
        return null;
    }

    private static Refusal? Cursor(JsonDocument document, EntityQuery read, out EntityQuery? query)
    {
        query = read;
        if (document.Text("cursor", out var text) is { } bad) return bad;
        if (text is null) return null;
        if (!QueryCursor.TryRead(text, read, out var place)) return JsonFault.Member("/cursor", "It is not of this query: kind, filter and order must stay as they were. Begin without a cursor, and follow the member next.");
        query = read with { After = place };
        return null;
    }
}
