using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;

namespace ActorPerf.Configuration;

/// <summary>How one kind of single value is written: read from text, shown in messages.</summary>
internal sealed class ScalarForm
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
    private readonly Func<string, object?> _parse;
    private readonly Func<object, string> _format;

    private ScalarForm(string form, Func<string, object?> parse, Func<object, string>? format = null)
    {
        Form = form;
        _parse = parse;
        _format = format ?? (value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
    }

    /// <summary>What is allowed, for messages: "a whole number".</summary>
    public string Form { get; }

    /// <summary>The allowed words where there is a fixed set of them, else empty.</summary>
    public ImmutableArray<string> Choices { get; private init; } = [];

    public bool TryParse(string text, [NotNullWhen(true)] out object? value) => (value = _parse(text)) is not null;

    /// <summary>The value as a file would have it.</summary>
    public string Format(object value) => _format(value);

    /// <returns><c>null</c> where the type is no single value.</returns>
    public static ScalarForm? Of(Type type, bool byteSize)
    {
        if (type == typeof(string)) return new ScalarForm("a text", text => text);
        if (type == typeof(bool)) return new ScalarForm("on or off (or true, false, yes, no)", Bool, value => value is true ? "on" : "off");
        if (type == typeof(TimeSpan)) return new ScalarForm(HoconDuration.Form, text => HoconDuration.TryParse(text, out var value) ? value : null, value => HoconDuration.Format((TimeSpan)value));
        if (type == typeof(double)) return new ScalarForm("a number", text => double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null);
        if (type.IsEnum) return Enumeration(type);
        if (type == typeof(int) && byteSize) return new ScalarForm(HoconSize.Form, text => Size(text) is { } size and <= int.MaxValue ? (int)size : null, Bytes);
        if (type == typeof(long) && byteSize) return new ScalarForm(HoconSize.Form, text => Size(text), Bytes);
        if (type == typeof(int)) return new ScalarForm($"a whole number from {int.MinValue} to {int.MaxValue}", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null);
        if (type == typeof(long)) return new ScalarForm($"a whole number from {long.MinValue} to {long.MaxValue}", text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null);
        return null;
    }

    private static ScalarForm Enumeration(Type type)
    {
        var members = type.GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(
            field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? SettingName.Kebab(field.Name),
            field => field.GetValue(null)!,
            StringComparer.OrdinalIgnoreCase);
        return new ScalarForm(
            $"one of {string.Join(", ", members.Keys)}",
            text => members.GetValueOrDefault(text),
            value => members.FirstOrDefault(member => member.Value.Equals(value)).Key ?? value.ToString() ?? "")
        {
            Choices = [.. members.Keys],
        };
    }

    private static object? Bool(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => null,
    };

    private static long? Size(string text) => HoconSize.TryParse(text, out var value) ? value : null;

    private static string Bytes(object value) => HoconSize.Format(Convert.ToInt64(value, CultureInfo.InvariantCulture));
}
