using System.Text.Json.Serialization;
using ActorPerf.Data;

namespace ActorPerf.Tests.Data;

internal sealed record Thing(long Value, string? Note = null);

[JsonSerializable(typeof(Thing)), JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ThingJson : JsonSerializerContext;

internal static class ThingKinds
{
    public static readonly EntityKind<Thing> Things = new("Thing", ThingJson.Default.Thing);
}
