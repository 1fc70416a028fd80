using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace ActorPerf.Configuration;

/// <summary>Runs validation attributes and <see cref="IValidatableObject"/>, and words what they find as settings.</summary>
internal static class OptionsValidation
{
    /// <param name="faulty">Properties that already have a fault: their value is a default nobody asked for.</param>
    public static void Check(
        object options, string path, ImmutableArray<SettingProperty> properties, IReadOnlySet<SettingProperty> faulty, SettingReader reader, ICollection<ConfigurationFault> faults)
    {
        var before = faults.Count;
        foreach (var property in properties.Where(property => !faulty.Contains(property)))
            foreach (var attribute in property.Property.GetCustomAttributes<ValidationAttribute>(inherit: true))
                if (Problem(attribute, options, path, property) is { } problem)
                    faults.Add(new ConfigurationFault(SettingName.Dotted($"{path}:{property.Name}"), problem, reader.OriginOf($"{path}:{property.Name}")?.Value));
        if (options is IValidatableObject validatable && faulty.Count == 0 && faults.Count == before)
            CheckRelations(validatable, path, properties, reader, faults);
    }

    // Messages of relations name settings by their kebab-case names, for only the object's place is not known to it.
    private static void CheckRelations(
        IValidatableObject options, string path, ImmutableArray<SettingProperty> properties, SettingReader reader, ICollection<ConfigurationFault> faults)
    {
        foreach (var result in options.Validate(new ValidationContext(options)))
        {
            if (result is null || result == ValidationResult.Success) continue;
            var members = result.MemberNames.Select(member => properties.FirstOrDefault(property => property.Property.Name == member)).OfType<SettingProperty>()
                .Select(property => $"{path}:{property.Name}").ToList();
            var origin = members.Select(key => reader.OriginOf(key)?.Value).FirstOrDefault(found => found is not null) ?? reader.OriginOf(path)?.Value;
            var settings = members.Count == 0 ? SettingName.Dotted(path) : string.Join(", ", members.Select(SettingName.Dotted));
            faults.Add(new ConfigurationFault(settings, $"{settings}: {result.ErrorMessage}", origin));
        }
    }

    /// <summary>The range of a setting for a table, such as <c>1s to 1h</c>; empty where it has none.</summary>
    public static string Bounds(SettingProperty property)
    {
        if (property.Property.GetCustomAttribute<RangeAttribute>() is not { } range) return "";
        InRange(range, null);                      // turns bounds given as text into values
        return $"{Shown(range.Minimum, property)} to {Shown(range.Maximum, property)}";
    }

    private static string? Problem(ValidationAttribute attribute, object options, string path, SettingProperty property)
    {
        var name = SettingName.Dotted($"{path}:{property.Name}");
        var value = property.Property.GetValue(options);
        var shown = property.IsSecret ? "***" : Shown(value, property);
        switch (attribute)
        {
            case RangeAttribute range:
                return InRange(range, value) ? null
                    : $"{name} is {shown}; it must be {(range.MinimumIsExclusive ? "above" : "at least")} {Shown(range.Minimum, property)} and {(range.MaximumIsExclusive ? "below" : "at most")} {Shown(range.Maximum, property)}.";
            case RequiredAttribute required:
                return required.IsValid(value) ? null : $"{name} is not set; give it a value.";
            case AllowedValuesAttribute allowed:
                var choices = allowed.Values.Select(choice => Shown(choice, property)).ToList();
                return allowed.IsValid(value) ? null
                    : $"{name} is {shown}; it must be one of {string.Join(", ", choices)}.{(SettingName.Nearest(shown, choices) is { } nearest ? $" Did you mean '{nearest}'?" : "")}";
            default:
                var result = attribute.GetValidationResult(value, new ValidationContext(options) { DisplayName = name, MemberName = property.Property.Name });
                return result == ValidationResult.Success ? null : $"{name} is {shown}: {result?.ErrorMessage}";
        }
    }

    // A bound of a narrower type than the value (int bounds of a long setting) overflows while it converts the value: out of range.
    private static bool InRange(RangeAttribute range, object? value)
    {
        try
        {
            return range.IsValid(value);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static string Shown(object? value, SettingProperty property) => value switch
    {
        null => "not set",
        string { Length: 0 } => "empty",
        TimeSpan duration => HoconDuration.Format(duration),
        _ when property.Shape is SettingShape.Single single && IsFormOf(value, property) => single.Form.Format(value),
        System.Collections.ICollection collection => $"a list of {collection.Count}",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    // The bounds of a range may be of another numeric type than the property; a size formats any whole number.
    private static bool IsFormOf(object value, SettingProperty property) =>
        value.GetType() == (Nullable.GetUnderlyingType(property.Property.PropertyType) ?? property.Property.PropertyType)
        || (property.Property.IsDefined(typeof(ByteSizeAttribute)) && value is int or long or double);
}
