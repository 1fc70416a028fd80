using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>A member of the cluster as inspectors of Akka.NET clusters print it.</summary>
public static class MemberRow
{
    /// <summary><c>address | [roles] | status | unreachable or empty | version</c>.</summary>
    public static string Of(JsonElement member) => Visible.Of(string.Join(" | ",
        member.Text("address"), $"[{member.Text("roles")}]", member.Text("status"), member.Flag("unreachable") ? "unreachable" : "", member.Text("version")));
}
