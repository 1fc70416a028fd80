using System.Text.Json;
using ActorPerf.Load;

namespace ActorPerf.Web.Wire;

/// <summary>A scenario on the wire: what it does and how it is shared out, not how it is done.</summary>
internal static class LoadScenarioJson
{
    public static void Write(Utf8JsonWriter json, LoadScenario scenario)
    {
        json.WriteStartObject();
        json.WriteString("name", scenario.Name);
        json.WriteString("summary", scenario.Summary);
        json.WriteString("source", JsonNamingPolicy.KebabCaseLower.ConvertName(scenario.Source.ToString()));
        json.WriteStartObject("variables");
        foreach (var (name, value) in scenario.Variables) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray("users");
        foreach (var user in scenario.Users) Write(json, user);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LoadUser user)
    {
        json.WriteStartObject();
        json.WriteString("name", user.Name);
        json.WriteNumber("weight", user.Weight);
        json.WriteNumber("fixedCount", user.FixedCount);
        json.WriteString("wait", user.Wait.ToString());
        json.WriteStartArray("tasks");
        foreach (var task in user.Tasks)
        {
            json.WriteStartObject();
            json.WriteString("name", task.Name);
            json.WriteNumber("weight", task.Weight);
            json.WriteStartArray("tags");
            foreach (var tag in task.Tags) json.WriteStringValue(tag);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
