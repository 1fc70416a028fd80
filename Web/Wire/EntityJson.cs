using System.Text.Json;
using ActorPerf.Data;

namespace ActorPerf.Web.Wire;

/// <summary>An entity as the API writes it.</summary>
internal static class EntityJson
{
    public static void WriteEntity(this Utf8JsonWriter json, Entity entity)
    {
        json.WriteStartObject();
        json.WriteString(N.Kind, entity.Key.Kind);
        json.WriteString(N.Id, entity.Key.Id.ToString());
        json.WriteNumber(N.Version, entity.Version);
        if (!entity.Data.IsEmpty) json.WriteRaw(N.Data, entity.Data);     // a query for keys has none
        json.WriteTime(N.UpdatedAt, entity.UpdatedAt);
        json.WriteEndObject();
    }
}
