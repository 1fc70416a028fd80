using System.Globalization;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Help with writing a search.</summary>
internal sealed class SearchEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api) =>
        api.Get("/jobs/completions", Scope.Read, CompleteAsync, new ApiDoc("completeSearch", "Jobs", "What could be written next in a search: fields, and values that are there.")
        {
            Answers = [(200, "Completions")],
            Parameters = [new ApiParameter("q", "query", "The search as far as it is written."), new ApiParameter("at", "query", "Characters in front of the caret; all unless given.")],
        });

    private async Task CompleteAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "q", "at");
        var text = parameters.Text("q", FilterText.MaxLength) ?? "";
        var at = text.Length;
        if (parameters.Text("at") is { } caret && !int.TryParse(caret, NumberStyles.None, CultureInfo.InvariantCulture, out at)) parameters.Fault("at", "write a whole number.");
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var completions = await doors.Search.CompleteAsync(ns, text, at, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var completion in completions)
        {
            json.WriteStartObject();
            json.WriteString(N.Text, completion.Text);
            json.WriteNumber(N.From, completion.From);
            json.WriteNumber(N.To, completion.To);
            json.WriteString(N.Kind, completion.IsField ? "field"u8 : "value"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull(N.Next);
        json.WriteEndObject();
        await Answer.Json(context, buffer);
    }
}
