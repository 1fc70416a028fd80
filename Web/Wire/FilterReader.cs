using System.Globalization;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the filter language of the API: <c>{"field": {"eq": 1}}</c>, joined by <c>and</c>, <c>or</c>, <c>not</c>. Several members of one object must all hold.</summary>
/// <remarks>Bounded in depth and number before anything is asked of a store. What is taken here every store takes: a level becomes two groups at most
/// (its members, and <c>or</c> or <c>not</c> among them), the last one two around its condition, which <see cref="EntityFilter.MaxDepth"/> has room for.
/// Values are told apart by their sort alone; nothing is converted.</remarks>
internal sealed class FilterReader
{
    public const int MaxDepth = 8;
    public const int MaxConditions = EntityFilter.MaxConditions / 2;
    public const int MaxValues = EntityFilter.MaxValues;

    private static readonly string[] Operators = ["eq", "ne", "lt", "le", "gt", "ge", "in", "exists", "startsWith"];

    /// <summary>What other languages call the same.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        ["="] = "eq", ["=="] = "eq", ["equals"] = "eq", ["!="] = "ne", ["<>"] = "ne", ["neq"] = "ne", ["<"] = "lt", ["<="] = "le", ["lte"] = "le", [">"] = "gt", [">="] = "ge", ["gte"] = "ge",
        ["prefix"] = "startsWith", ["like"] = "startsWith", ["beginsWith"] = "startsWith", ["oneOf"] = "in", ["any"] = "in", ["has"] = "exists",
    };

    private int _left = MaxConditions;
    private FieldFault? _fault;

    /// <summary>Null with the filter, which is null where there is none; the first fault otherwise.</summary>
    public static FieldFault? Read(JsonElement element, string pointer, out EntityFilter? filter)
    {
        var reader = new FilterReader();
        filter = reader.Group(element, pointer, 0);
        return reader._fault;
    }

    private EntityFilter? Group(JsonElement element, string pointer, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object) return Fail(pointer, "Write an object such as {\"city\": {\"eq\": \"Rome\"}}.");
        if (depth > MaxDepth) return Fail(pointer, $"The filter is nested more than {MaxDepth} levels deep.");
        var parts = new List<EntityFilter>();
        foreach (var member in element.EnumerateObject())
        {
            var here = Below(pointer, member);
            var part = member.Name switch
            {
                "and" => Join(member.Value, here, depth, static parts => new EntityFilter.And(parts)),
                "or" => Join(member.Value, here, depth, static parts => new EntityFilter.Or(parts)),
                "not" => Group(member.Value, here, depth + 1) is { } inner ? new EntityFilter.Not(inner) : null,
                _ => Field(member, here),
            };
            if (part is null) return null;
            parts.Add(part);
        }
        return One(parts) ?? Fail(pointer, "The object is empty. Name a field, or leave the filter out.");
    }

    private EntityFilter? Join(JsonElement element, string pointer, int depth, Func<IReadOnlyList<EntityFilter>, EntityFilter> join)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0) return Fail(pointer, "Write an array of at least one filter.");
        var parts = new List<EntityFilter>();
        foreach (var item in element.EnumerateArray())
        {
            if (Group(item, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{parts.Count}"), depth + 1) is not { } part) return null;
            parts.Add(part);
        }
        return join(parts);
    }

    private EntityFilter? Field(JsonProperty field, string pointer)
    {
        if (!FieldPath.IsValid(field.Name)) return Fail(pointer, $"This is no path: write {FieldPath.Rule}.");
        if (field.Value.ValueKind != JsonValueKind.Object) return Fail(pointer, "Write a condition such as {\"eq\": 1}.");
        var parts = new List<EntityFilter>();
        foreach (var condition in field.Value.EnumerateObject())
        {
            if (--_left < 0) return Fail(pointer, $"The filter has more than {MaxConditions} conditions.");
            if (Condition(field.Name, condition, Below(pointer, condition)) is not { } part) return null;
            parts.Add(part);
        }
        return One(parts) ?? Fail(pointer, $"A condition is missing, such as {{\"eq\": 1}}. Operators: {string.Join(", ", Operators)}.");
    }

    private EntityFilter? Condition(string path, JsonProperty condition, string pointer) => condition.Name switch
    {
        "eq" => Compare(path, EntityOperator.Eq, condition.Value, pointer),
        "ne" => Compare(path, EntityOperator.Ne, condition.Value, pointer),
        "lt" => Compare(path, EntityOperator.Lt, condition.Value, pointer),
        "le" => Compare(path, EntityOperator.Le, condition.Value, pointer),
        "gt" => Compare(path, EntityOperator.Gt, condition.Value, pointer),
        "ge" => Compare(path, EntityOperator.Ge, condition.Value, pointer),
        "in" => Among(path, condition.Value, pointer),
        "exists" => condition.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new EntityFilter.Exists(path, condition.Value.GetBoolean())
            : Fail(pointer, "Write true or false."),
        "startsWith" => condition.Value.TryText(out var text) && IsStorable(text) ? new EntityFilter.StartsWith(path, text) : Fail(pointer, "Write a text, without the character U+0000."),
        var unknown => Fail(pointer, $"There is no such operator{Nearest(unknown)} Operators: {string.Join(", ", Operators)}."),
    };

    private EntityFilter.Compare? Compare(string path, EntityOperator op, JsonElement value, string pointer) => Value(value, pointer) is { } read ? new EntityFilter.Compare(path, op, read) : null;

    private EntityFilter? Among(string path, JsonElement values, string pointer)
    {
        if (values.ValueKind != JsonValueKind.Array || values.GetArrayLength() is 0 or > MaxValues) return Fail(pointer, $"Write an array of 1 to {MaxValues} values.");
        var read = new List<EntityValue>();
        foreach (var value in values.EnumerateArray())
        {
            if (Value(value, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{read.Count}")) is not { } one) return null;
            read.Add(one);
        }
        return new EntityFilter.In(path, read);
    }

    private EntityValue? Value(JsonElement element, string pointer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                return new EntityValue.Null();
            case JsonValueKind.True or JsonValueKind.False:
                return new EntityValue.Boolean(element.GetBoolean());
            case JsonValueKind.Number:
                if (element.TryGetInt64(out var integer)) return new EntityValue.Integer(integer);
                if (element.TryGetDouble(out var number) && double.IsFinite(number)) return new EntityValue.Number(number);
                Fail(pointer, "The number is out of the range of a double.");
                return null;
            case JsonValueKind.String when element.TryText(out var text) && IsStorable(text):
                return new EntityValue.Text(text);
            default:
                Fail(pointer, "Write null, true, false, a number or a text (without the character U+0000); objects and arrays are not compared.");
                return null;
        }
    }

    private static bool IsStorable(string text) => !text.Contains('\0', StringComparison.Ordinal);

    private static EntityFilter? One(List<EntityFilter> parts) => parts.Count switch
    {
        0 => null,
        1 => parts[0],
        _ => new EntityFilter.And(parts),
    };

    private static string Nearest(string unknown)
    {
        var plain = unknown.TrimStart('$');
        var nearest = Operators.Contains(plain) ? plain : Elsewhere.TryGetValue(plain, out var same) ? same : TaskNames.Nearest(plain, Operators);
        return nearest is null ? "." : $"; did you mean '{nearest}'?";
    }

    private static string Below(string pointer, JsonProperty member) => $"{pointer}/{JsonPointer.Escape(JsonFault.Shown(member.Name))}";

    /// <summary>Keeps the first fault; null, so that reading ends.</summary>
    private EntityFilter? Fail(string pointer, string message)
    {
        _fault ??= new FieldFault(pointer, message);
        return null;
    }
}
