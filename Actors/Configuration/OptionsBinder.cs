using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>Fills options classes from a configuration: <c>MaxEntries</c> from <c>max-entries</c>.</summary>
/// <remarks>
/// Supported are text, whole numbers, <see cref="double"/>, <see cref="bool"/> (on, off, yes, no, true, false), enums in kebab case,
/// <see cref="TimeSpan"/> (<see cref="HoconDuration"/>), sizes (<see cref="ByteSizeAttribute"/>), lists, dictionaries by name, other
/// options classes, and nullable forms of these. What is not set keeps its default; a list that is set replaces its default, named
/// entries are added to theirs. Unknown names, unfit values and broken validation attributes become faults, all of them in one go.
/// </remarks>
public static class OptionsBinder
{
    /// <summary>Fills one options object and checks it and everything in it.</summary>
    /// <param name="configuration">The root of a configuration; its layers know where settings were written.</param>
    /// <param name="path">Such as <c>actorperf</c> or <c>actorperf:cache</c>.</param>
    /// <param name="faults">Takes what is wrong; the object is not fit for use if anything was added.</param>
    public static T Bind<T>(IConfiguration configuration, string path, ICollection<ConfigurationFault> faults)
        where T : class, new()
    {
        var options = new T();
        new Binding(faults).Group(SettingReader.Of(configuration), path, options);
        return options;
    }

    /// <inheritdoc cref="Bind{T}(IConfiguration, string, ICollection{ConfigurationFault})"/>
    /// <exception cref="ConfigurationFaultException">Something is wrong; all faults are in it.</exception>
    public static T Bind<T>(IConfiguration configuration, string path)
        where T : class, new()
    {
        var faults = new List<ConfigurationFault>();
        var options = Bind<T>(configuration, path, faults);
        ConfigurationFaultException.ThrowIfAny(faults);
        return options;
    }

    /// <summary>Fills one options object per name below a path.</summary>
    /// <param name="path">Such as <c>akka:actor:deployment</c>.</param>
    /// <param name="isRead">Picks the names to read; the others are left alone. All by default.</param>
    public static IReadOnlyDictionary<string, T> BindNamed<T>(
        IConfiguration configuration, string path, ICollection<ConfigurationFault> faults, Func<string, bool>? isRead = null)
        where T : class, new()
    {
        var entries = new Dictionary<string, T>(StringComparer.Ordinal);
        new Binding(faults).NamedRoot(SettingReader.Of(configuration), path, new SettingShape.Named(typeof(T), new SettingShape.Group(typeof(T))), entries, isRead);
        return entries;
    }

    private sealed class Binding(ICollection<ConfigurationFault> faults)
    {
        public void Group(SettingReader reader, string path, object options)
        {
            if (!IsGroup(reader, path)) return;
            var properties = SettingProperty.Of(options.GetType());
            RefuseUnknown(reader, path, properties);
            var faulty = new HashSet<SettingProperty>();
            foreach (var property in properties)
            {
                var before = faults.Count;
                Property(reader, $"{path}:{property.Name}", property, options);
                if (faults.Count > before) faulty.Add(property);
            }
            OptionsValidation.Check(options, path, properties, faulty, reader, faults);
        }

        public void NamedRoot(SettingReader reader, string path, SettingShape.Named named, IDictionary entries, Func<string, bool>? isRead)
        {
            if (IsGroup(reader, path)) Named(reader, path, named, entries, secret: false, isRead);
        }

        private void Property(SettingReader reader, string path, SettingProperty property, object options)
        {
            var info = property.Property;
            switch (property.Shape)
            {
                case SettingShape.Single single:
                    if (Single(reader, path, single.Form, property.IsSecret) is { } value) info.SetValue(options, value);
                    break;
                case SettingShape.Sequence sequence when Sequence(reader, path, sequence, property.IsSecret) is { } items:
                    SetSequence(info, options, sequence.ElementType, items);
                    break;
                case SettingShape.Named named when IsGroup(reader, path):
                    Named(reader, path, named, NamedOf(info, options, named.ElementType), property.IsSecret);
                    break;
                case SettingShape.Group group:
                    var inner = info.GetValue(options);
                    if (inner is null && !reader.IsSet(path)) break;
                    if (inner is null) info.SetValue(options, inner = Activator.CreateInstance(group.Type));
                    Group(reader, path, inner!);
                    break;
            }
        }

        private object? Single(SettingReader reader, string path, ScalarForm form, bool secret)
        {
            var found = reader.Find(path);
            var kind = found?.Origin?.Kind ?? (reader.OriginOf(path)?.Kind is { } above and not SettingKind.Text ? above : SettingKind.Text);
            if (kind is SettingKind.Object or SettingKind.List || (found is null && reader.Names(path).Length > 0))
            {
                Fault(reader, path, $"is {(kind == SettingKind.List ? "a list" : "a group of settings")}; it must be {form.Form}.");
                return null;
            }
            if (found?.Text is not { } text) return null;
            if (form.TryParse(text, out var value)) return value;
            Fault(reader, path, $"is {Shown(text, secret)}; it must be {form.Form}.{Meant(text, form.Choices)}");
            return null;
        }

        private List<object>? Sequence(SettingReader layers, string path, SettingShape.Sequence sequence, bool secret)
        {
            if (layers.OnlyLayerOf(path) is not { } reader) return null;
            var items = new List<object>();
            var found = reader.Find(path);
            if (found is { Text: { } text } && reader.Names(path).Length == 0)
            {
                if (text.Length == 0) return items;
                if (found.Value.Origin is { Value.Line: > 0 } || sequence.Element is not SettingShape.Single single)
                    Fault(reader, path, $"is {Shown(text, secret)}; it must be a list, such as [a, b].");
                else foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
                    if (single.Form.TryParse(part, out var value)) items.Add(value);
                    else Fault(reader, path, $"has the element {Shown(part, secret)}; each must be {single.Form.Form}.{Meant(part, single.Form.Choices)}");
                return items;
            }
            var indexes = reader.Names(path);
            if (found?.Origin?.Kind is SettingKind.Object || !indexes.All(index => index.All(char.IsAsciiDigit)))
            {
                Fault(reader, path, "is a group of settings; it must be a list, such as [a, b].");
                return items;
            }
            foreach (var index in indexes)
                if (Element(reader, $"{path}:{index}", sequence.ElementType, sequence.Element, secret) is { } item) items.Add(item);
            return items;
        }

        private void Named(SettingReader reader, string path, SettingShape.Named named, IDictionary entries, bool secret, Func<string, bool>? isRead = null)
        {
            foreach (var name in reader.Names(path))
            {
                if (isRead?.Invoke(name) == false) continue;
                var at = $"{path}:{name}";
                if (reader.Find(at)?.Origin?.Kind == SettingKind.Null && reader.Names(at).IsEmpty) continue;
                if (named.Element is SettingShape.Group && entries[name] is { } existing) Group(reader, at, existing);
                else if (Element(reader, at, named.ElementType, named.Element, secret) is { } value) entries[name] = value;
            }
        }

        private object? Element(SettingReader reader, string path, Type type, SettingShape shape, bool secret)
        {
            switch (shape)
            {
                case SettingShape.Single single:
                    return Single(reader, path, single.Form, secret);
                case SettingShape.Sequence sequence:
                    return Sequence(reader, path, sequence, secret) is { } items ? Collect(type, sequence.ElementType, items) : null;
                case SettingShape.Named named:
                    var entries = NewNamed(named.ElementType);
                    if (IsGroup(reader, path)) Named(reader, path, named, entries, secret);
                    return entries;
                default:
                    var options = Activator.CreateInstance(((SettingShape.Group)shape).Type)!;
                    Group(reader, path, options);
                    return options;
            }
        }

        private bool IsGroup(SettingReader reader, string path)
        {
            var found = reader.Find(path);
            var isList = (found?.Origin ?? reader.OriginOf(path))?.Kind == SettingKind.List;
            if (!isList && found?.Text is null) return true;
            Fault(reader, path, $"is {(isList ? "a list" : "a single value")}; it must be a group of settings in braces.");
            return false;
        }

        private void RefuseUnknown(SettingReader reader, string path, ImmutableArray<SettingProperty> properties)
        {
            var known = properties.Select(property => property.Name).ToList();
            foreach (var name in reader.Names(path).Except(known, StringComparer.OrdinalIgnoreCase))
            {
                var key = $"{path}:{name}";
                var advice = SettingName.Nearest(name, known) is { } nearest
                    ? $"Did you mean '{nearest}'?"
                    : known.Count == 0 ? "Remove it." : $"Known here: {string.Join(", ", known)}.";
                faults.Add(new ConfigurationFault(SettingName.Dotted(key), $"{SettingName.Dotted(key)} is not a setting. {advice}", reader.OriginOf(key)?.Key));
            }
        }

        private void Fault(SettingReader reader, string path, string problem) =>
            faults.Add(new ConfigurationFault(SettingName.Dotted(path), $"{SettingName.Dotted(path)} {problem}", reader.OriginOf(path)?.Value));

        private static string Shown(string text, bool secret) => secret ? "***" : text.Length > 200 ? $"'{text[..200]}…'" : $"'{text}'";

        private static string Meant(string text, ImmutableArray<string> choices) =>
            SettingName.Nearest(text, choices) is { } nearest ? $" Did you mean '{nearest}'?" : "";

        private static void SetSequence(PropertyInfo property, object options, Type element, List<object> items)
        {
            if (property.SetMethod is { IsPublic: true })
            {
                property.SetValue(options, Collect(property.PropertyType, element, items));
                return;
            }
            if (property.GetValue(options) is not IList { IsFixedSize: false } list)
                throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} needs a setter, or a list that can grow.");
            list.Clear();
            foreach (var item in items) list.Add(item);
        }

        private static object Collect(Type type, Type element, List<object> items)
        {
            var array = Array.CreateInstance(element, items.Count);
            for (var i = 0; i < items.Count; i++) array.SetValue(items[i], i);
            var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
            if (type.IsAssignableFrom(array.GetType())) return array;
            if (definition == typeof(ImmutableArray<>))
                return typeof(ImmutableArray).GetMethods().First(method => method.Name == nameof(ImmutableArray.Create) && method.GetParameters() is [{ ParameterType.IsArray: true }])
                    .MakeGenericMethod(element).Invoke(null, [array])!;
            var collection = definition == typeof(HashSet<>) || definition == typeof(ISet<>) || definition == typeof(IReadOnlySet<>) ? typeof(HashSet<>) : typeof(List<>);
            return Activator.CreateInstance(collection.MakeGenericType(element), array)!;
        }

        private static IDictionary NamedOf(PropertyInfo property, object options, Type element)
        {
            if (property.GetValue(options) is IDictionary { IsReadOnly: false } entries) return entries;
            if (property.SetMethod is not { IsPublic: true })
                throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} needs a setter, or a dictionary that can grow.");
            entries = NewNamed(element);
            property.SetValue(options, entries);
            return entries;
        }

        private static IDictionary NewNamed(Type element) =>
            (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element), StringComparer.Ordinal)!;
    }
}
