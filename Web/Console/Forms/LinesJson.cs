using System.Text.Json.Serialization;

namespace ActorPerf.Web.Console.Forms;

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LinesJson : JsonSerializerContext;
