using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Configuration;

/// <summary>A resolved value and the place where it was written. Immutable; the cases are the nested classes.</summary>
public abstract class HoconValue
{
    private HoconValue(Origin origin, long weight)
    {
        Origin = origin;
        Weight = weight;
    }

    /// <summary>Where the value starts; of a merged object, where its last part starts.</summary>
    public Origin Origin { get; }

    /// <summary>About how many bytes the value would take if nothing in it were shared (<see cref="HoconLimits.MaxExpansion"/>).</summary>
    internal long Weight { get; }

    /// <summary>A string, number or boolean, as it was written: HOCON gives it a type only where it is used.</summary>
    public sealed class Text : HoconValue
    {
        internal Text(string value, Origin origin)
            : base(origin, 32 + (2L * value.Length)) => Value = value;

        public string Value { get; }
    }

    /// <summary>The unquoted word <c>null</c>: the setting is as if it were not there.</summary>
    public sealed class Null : HoconValue
    {
        internal Null(Origin origin)
            : base(origin, 32)
        {
        }
    }

    /// <summary>A list in written order.</summary>
    public sealed class List : HoconValue
    {
        internal List(ImmutableArray<HoconValue> items, Origin origin)
            : base(origin, 32 + items.Sum(item => 8 + item.Weight)) => Items = items;

        public ImmutableArray<HoconValue> Items { get; }
    }

    /// <summary>Named values, in the order in which the names first appeared. Names are compared exactly.</summary>
    public sealed class Object : HoconValue
    {
        private readonly Dictionary<string, HoconField> _byName;

        internal Object(ImmutableArray<HoconField> fields, Origin origin)
            : base(origin, 32 + fields.Sum(field => 48 + (2L * field.Name.Length) + field.Value.Weight))
        {
            Fields = fields;
            _byName = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        }

        public ImmutableArray<HoconField> Fields { get; }

        /// <summary>Looks one name up.</summary>
        public bool TryGet(string name, [NotNullWhen(true)] out HoconValue? value)
        {
            value = _byName.TryGetValue(name, out var field) ? field.Value : null;
            return value is not null;
        }

        /// <summary>Looks a path up, one name per level; <c>null</c> where there is nothing.</summary>
        public HoconValue? At(params ReadOnlySpan<string> path)
        {
            HoconValue value = this;
            foreach (var name in path)
            {
                if (value is not Object level || !level.TryGet(name, out var next)) return null;
                value = next;
            }
            return value;
        }
    }
}

/// <summary>A name in an object, where the name was last written, and its value.</summary>
public sealed record HoconField(string Name, Origin KeyOrigin, HoconValue Value);
