using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>How arguments and results of tasks are read and written.</summary>
internal static class TaskJson
{
    public const int MaxDepth = 32;

    /// <summary>Strict reading: nothing unknown, nothing twice, nothing missing, no null where none is declared.</summary>
    public static JsonSerializerOptions Options { get; } = Create(static _ => { });

    /// <summary>Writes arguments as they count for the cache key: members in canonical order, without ignored and computed ones.</summary>
    public static JsonSerializerOptions Canonical { get; } = Create(CanonicalMembers.Apply);

    private static JsonSerializerOptions Create(Action<JsonTypeInfo> modifier)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            MaxDepth = MaxDepth,
            // Results go out as application/json, never into a page as they are: escaping for HTML would only blow up other alphabets.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            // Reflection stands behind the generated contexts, because a user's task must work with nothing but its attribute.
            TypeInfoResolver = JsonTypeInfoResolver.Combine(Shipped.ShippedTasksJson.Default, new DefaultJsonTypeInfoResolver())
                .WithAddedModifier(modifier),
        };
        options.Converters.Add(new DurationConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.MakeReadOnly();
        return options;
    }
}
