using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;

namespace ActorPerf.Configuration;

/// <summary>The settings that an options class and those in it know.</summary>
public static class ConfigurationSchema
{
    private const int MaxDepth = 16;               // an options class that holds itself would never end

    /// <summary>One setting.</summary>
    /// <param name="Key">As files spell it; <c>&lt;name&gt;</c> stands for a name the user chooses, <c>[]</c> for any element of a list.</param>
    /// <param name="Form">What may be written.</param>
    /// <param name="Default">As a file would have it; empty where there is none, or where it is secret.</param>
    /// <param name="Bounds">Such as <c>1s to 1h</c>; empty where the form says all.</param>
    /// <param name="Description">The text of <see cref="DescriptionAttribute"/>, or empty.</param>
    public sealed record Setting(string Key, string Form, string Default, string Bounds, string Description);

    /// <summary>All settings, in the order of the properties.</summary>
    /// <param name="options">The options class with a constructor without parameters, whose defaults are shown.</param>
    /// <param name="path">What stands before its settings, such as <c>actorperf</c>.</param>
    public static ImmutableArray<Setting> Describe(Type options, string path) =>
        [.. Group(Activator.CreateInstance(options), options, path, depth: 0)];

    /// <summary>The settings as a Markdown table.</summary>
    public static string ToMarkdown(IEnumerable<Setting> settings)
    {
        var table = new StringBuilder("| setting | form | default | bounds | |\n|---|---|---|---|---|\n");
        foreach (var (key, form, standard, bounds, description) in settings)
            table.Append("| `").Append(key).Append("` | ").Append(Cell(form)).Append(" | ").Append(standard.Length == 0 ? "" : $"`{Cell(standard)}`")
                .Append(" | ").Append(Cell(bounds)).Append(" | ").Append(Cell(description)).Append(" |\n");
        return table.ToString();
    }

    private static IEnumerable<Setting> Group(object? defaults, Type type, string path, int depth) =>
        depth > MaxDepth ? [] : SettingProperty.Of(type).SelectMany(property =>
            Leaves(property, property.Shape, defaults is null ? null : property.Property.GetValue(defaults), $"{path}.{property.Name}", depth));

    private static IEnumerable<Setting> Leaves(SettingProperty property, SettingShape shape, object? value, string key, int depth) => shape switch
    {
        SettingShape.Group group => Group(value ?? Activator.CreateInstance(group.Type), group.Type, key, depth + 1),
        SettingShape.Named named => Leaves(property, named.Element, null, $"{key}.<name>", depth + 1),
        SettingShape.Sequence { Element: SettingShape.Single single } => [One(property, key, $"a list, each {single.Form.Form}", List(value, single.Form))],
        SettingShape.Sequence sequence => Leaves(property, sequence.Element, null, $"{key}[]", depth + 1),
        SettingShape.Single single => [One(property, key, single.Form.Form, value is null or "" ? "" : single.Form.Format(value))],
        _ => [],
    };

    private static Setting One(SettingProperty property, string key, string form, string standard)
    {
        var allowed = property.Property.GetCustomAttribute<AllowedValuesAttribute>();
        return new Setting(
            key,
            allowed is null ? form : $"one of {string.Join(", ", allowed.Values)}",
            property.IsSecret ? "" : standard,
            OptionsValidation.Bounds(property),
            property.Property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "");
    }

    private static string List(object? value, ScalarForm form) =>
        value is IEnumerable items ? $"[{string.Join(", ", items.OfType<object>().Select(form.Format))}]" : "";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
