using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>How a member is named on the command line: by its name, or as pbm does by its address.</summary>
internal static class ClusterMember
{
    public static Argument<string?> Named(bool optional) => new("NODE")
    {
        Description = optional ? "Name or address of the node; the one that is asked unless given" : "Name or address of the node",
        Arity = optional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
    };

    /// <summary>Finds the member and hands its row over.</summary>
    public static async Task<int> WithAsync(Invocation invocation, string? named, Func<JsonElement, Task<int>> then, CancellationToken ct)
    {
        var answer = await invocation.Client.GetAsync(Api.Root + (named is null ? "cluster/self" : "cluster/members"), ct);
        if (answer is not Answer.Ok { Body: var body }) return Failures.Report(answer, invocation);
        if (named is null) return await then(body);
        foreach (var member in body.Items("items"))
            if (Is(member, named)) return await then(member);
        invocation.Say($"There is no node {named}. There are {string.Join(", ", body.Items("items").Select(member => member.Text("name")))}.");
        return ExitCodes.NotFound;
    }

    public static string Path(JsonElement member, string action) => $"{Api.Root}cluster/members/{Uri.EscapeDataString(member.Text("name"))}/{action}";

    private static bool Is(JsonElement member, string named)
    {
        var address = member.Text("address");
        return member.Text("name") == named || address == named.TrimEnd('/') || address.Split("://")[^1] == named;
    }
}
