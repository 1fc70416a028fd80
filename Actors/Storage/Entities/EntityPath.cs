using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActorPerf.Storage.Entities;

/// <summary>A path into an entity's JSON, read and checked: members, or an array's item where a part is a number.</summary>
/// <remarks>Checked so strictly that it may stand inside a quoted literal of SQL: expression indexes take no parameters.</remarks>
internal sealed partial class EntityPath : IEquatable<EntityPath>
{
    private const int MaxParts = 8;

    private EntityPath(string text, IReadOnlyList<Part> parts) => (Text, Parts) = (text, parts);

    /// <summary>In its one spelling.</summary>
    public string Text { get; }

    public IReadOnlyList<Part> Parts { get; }

    /// <exception cref="ArgumentException">It breaks the rule of <see cref="Data.EntityOrder.Path"/>.</exception>
    public static EntityPath Parse(string text)
    {
        var names = text.Split('.');
        if (names.Length > MaxParts || !Array.TrueForAll(names, name => Allowed().IsMatch(name)))
        {
            throw new ArgumentException(
                $"'{text}' is no path: use at most {MaxParts} members joined by dots, each 1 to 64 of A-Z a-z 0-9 _ -; a number of at most 9 digits is an array's item.", nameof(text));
        }
        var parts = Array.ConvertAll(names, Part.Of);
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

    // Digits alone are an item's number, so at most nine of them.
    [GeneratedRegex(@"^(?:[0-9]{1,9}|(?=[A-Za-z0-9_-]{1,64}\z)[0-9]*[A-Za-z_-][A-Za-z0-9_-]*)\z")]
    private static partial Regex Allowed();

    /// <param name="Item">The number of an array's item; null for a member.</param>
    internal readonly record struct Part(string Name, int? Item)
    {
        public static Part Of(string name) => char.IsAsciiDigit(name[^1]) && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var item)
            ? new Part(item.ToString(CultureInfo.InvariantCulture), item)
            : new Part(name, null);

        public override string ToString() => Name;
    }
}
