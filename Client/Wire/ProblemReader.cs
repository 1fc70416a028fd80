using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Client.Wire;

/// <summary>Reads problem details (RFC 9457) as the refusal that they were.</summary>
internal static class ProblemReader
{
    /// <summary>What else answers with an error, such as a proxy, is a refusal with the status in its words.</summary>
    public static Refusal Read(HttpResponseMessage response, byte[] body)
    {
        var after = response.Headers.RetryAfter?.Delta;
        try
        {
            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            {
                using var document = JsonDocument.Parse(body);
                return Read(document.RootElement) with { RetryAfter = after };
            }
        }
        catch (JsonException)
        {
            // Not what it says it is: told by its status.
        }
        return new Refusal("invalid-request", $"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode} {response.ReasonPhrase}, and not as a node does. Check the address.") { RetryAfter = after };
    }

    public static Refusal Read(JsonElement problem) => new(problem.Text("code") ?? "invalid-request", problem.Text("detail") ?? "The node gave no reason.")
    {
        Faults = [.. problem.Items("errors").Select(static fault => new FieldFault(fault.Text("pointer") ?? "", fault.Text("message") ?? ""))],
        Allowed = [.. problem.Items("allowed").Select(static action => action.GetString() ?? "")],
    };
}
