using System.Globalization;
using System.Text.Json;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>A path into an entity's JSON, read and checked: members, or an array's item where a part is a number.</summary>
/// <remarks>Checked so strictly that it may stand inside a quoted literal of SQL: expression indexes take no parameters.</remarks>
internal sealed class EntityPath : IEquatable<EntityPath>
{
    private EntityPath(string text, IReadOnlyList<Part> parts) => (Text, Parts) = (text, parts);

    /// <summary>In its one spelling.</summary>
    public string Text { get; }

    public IReadOnlyList<Part> Parts { get; }

    /// <exception cref="ArgumentException">It breaks the rule of <see cref="EntityOrder.Path"/>.</exception>
    public static EntityPath Parse(string text)
    {
        if (!FieldPath.IsValid(text)) throw new ArgumentException($"'{text}' is no path: use {FieldPath.Rule}.", nameof(text));
        var parts = Array.ConvertAll(text.Split('.'), Part.Of);
        return new EntityPath(string.Join('.', parts), parts);
    }

    /// <summary>What stands there; null where nothing does.</summary>
    public JsonElement? Find(JsonElement root)
    {
        var here = root;
        foreach (var part in Parts)
        {
            if (part.Item is { } item)
            {
                if (here.ValueKind != JsonValueKind.Array || item >= here.GetArrayLength()) return null;
                here = here[item];
            }
            else if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(part.Name, out here))
            {
                return null;
            }
        }
        return here;
    }

    public bool Equals(EntityPath? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as EntityPath);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    /// <param name="Item">The number of an array's item; null for a member.</param>
    internal readonly record struct Part(string Name, int? Item)
    {
        public static Part Of(string name) => char.IsAsciiDigit(name[^1]) && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var item)
            ? new Part(item.ToString(CultureInfo.InvariantCulture), item)
            : new Part(name, null);

        public override string ToString() => Name;
    }
}
