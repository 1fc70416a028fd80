using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>Writes settings as HOCON, all layers merged: what another reader of HOCON, such as Akka.NET's, is started from.</summary>
public static class HoconText
{
    // Quotes and slashes are written as they are; nothing of this ever stands in a page.
    private static readonly JsonWriterOptions Layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The sections named, with everything below them.</summary>
    /// <returns>JSON, which every HOCON reader takes: names quoted, so that a dot or a slash in one means itself; values as texts;
    /// children numbered 0, 1, 2, … as a list.</returns>
    public static string Of(IConfiguration configuration, IEnumerable<string> sections)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            foreach (var section in sections.Select(configuration.GetSection).Where(section => section.Exists())) Write(json, section, named: true);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, IConfigurationSection section, bool named)
    {
        if (named) json.WritePropertyName(section.Key);
        var children = section.GetChildren().ToList();
        if (children.Count == 0) json.WriteStringValue(section.Value);
        else if (IsList(children)) List(json, children);
        else Group(json, children);
    }

    private static bool IsList(List<IConfigurationSection> children) =>
        children.Select(child => child.Key).Order(StringComparer.Ordinal).SequenceEqual(
            Enumerable.Range(0, children.Count).Select(index => $"{index}").Order(StringComparer.Ordinal));

    private static void List(Utf8JsonWriter json, List<IConfigurationSection> children)
    {
        json.WriteStartArray();
        foreach (var child in children.OrderBy(child => child.Key.Length).ThenBy(child => child.Key, StringComparer.Ordinal)) Write(json, child, named: false);
        json.WriteEndArray();
    }

    private static void Group(Utf8JsonWriter json, List<IConfigurationSection> children)
    {
        json.WriteStartObject();
        foreach (var child in children) Write(json, child, named: true);
        json.WriteEndObject();
    }
}
