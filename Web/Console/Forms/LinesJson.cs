using System.Text.Json.Serialization;
using ActorPerf.Web.Console.Pages;

namespace ActorPerf.Web.Console.Forms;

/// <summary>What the page's scripts are told.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<Suggestion>))]
[JsonSerializable(typeof(IReadOnlyList<PaletteItem>))]
[JsonSerializable(typeof(SchedulePreview))]
internal sealed partial class LinesJson : JsonSerializerContext;
