using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Load;

/// <summary>Finds a member of JSON by a dotted path: <c>items.0.id</c>; a number is an index where there is an array.</summary>
internal static class LoadJsonPath
{
    /// <returns>The text of a string; of anything else its JSON. Null where there is no such member.</returns>
    public static string? Find(JsonElement root, string path)
    {
        var at = root;
        foreach (var step in path.Split('.'))
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(step, out var member)) at = member;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength()) at = at[index];
            else return null;
        }
        return at.ValueKind == JsonValueKind.String ? at.GetString() : at.GetRawText();
    }
}
