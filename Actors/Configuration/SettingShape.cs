using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>What an options property looks like in a file: one value, a list, named values or a group of settings.</summary>
internal abstract record SettingShape
{
    private SettingShape()
    {
    }

    public sealed record Single(ScalarForm Form) : SettingShape;

    public sealed record Sequence(Type ElementType, SettingShape Element) : SettingShape;

    public sealed record Named(Type ElementType, SettingShape Element) : SettingShape;

    public sealed record Group(Type Type) : SettingShape
    {
        public ImmutableArray<SettingProperty> Properties => SettingProperty.Of(Type);
    }

    /// <returns><c>null</c> where the type cannot be configured.</returns>
    public static SettingShape? Of(Type type, bool byteSize)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarForm.Of(type, byteSize) is { } form) return new Single(form);
        if (type.IsArray) return SequenceOf(type.GetElementType()!, byteSize);
        if (type.IsGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            var arguments = type.GetGenericArguments();
            if (arguments.Length == 1 && Sequences.Contains(definition)) return SequenceOf(arguments[0], byteSize);
            if (arguments.Length == 2 && Maps.Contains(definition) && arguments[0] == typeof(string))
                return Of(arguments[1], byteSize) is { } element ? new Named(arguments[1], element) : null;
            return null;
        }
        return type.IsClass && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null ? new Group(type) : null;
    }

    private static readonly Type[] Sequences =
    [
        typeof(List<>), typeof(IList<>), typeof(ICollection<>), typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>),
        typeof(ImmutableArray<>), typeof(HashSet<>), typeof(ISet<>), typeof(IReadOnlySet<>),
    ];

    private static readonly Type[] Maps = [typeof(Dictionary<,>), typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>)];

    private static Sequence? SequenceOf(Type element, bool byteSize) => Of(element, byteSize) is { } shape ? new Sequence(element, shape) : null;
}

/// <summary>A property of an options class and its name in files.</summary>
internal sealed record SettingProperty(PropertyInfo Property, string Name, SettingShape Shape)
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<SettingProperty>> Known = [];

    public bool IsSecret => Property.IsDefined(typeof(SecretAttribute), inherit: true);

    /// <summary>The settings of an options class: its public properties that can be set, and its collections and groups.</summary>
    /// <exception cref="InvalidOperationException">A property that can be set has a type that no file can give.</exception>
    public static ImmutableArray<SettingProperty> Of(Type options) => Known.GetOrAdd(options, static type =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0).Select(Of).OfType<SettingProperty>()]);

    private static SettingProperty? Of(PropertyInfo property)
    {
        var canBeSet = property.SetMethod is { IsPublic: true };
        var shape = SettingShape.Of(property.PropertyType, property.IsDefined(typeof(ByteSizeAttribute), inherit: true));
        if (!canBeSet && shape is null or SettingShape.Single) return null;
        if (shape is null)
            throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} is a {property.PropertyType.Name}, which no setting can give; use a supported type or make it read-only.");
        return new SettingProperty(property, property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? SettingName.Kebab(property.Name), shape);
    }
}
