using System.Globalization;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What operators did.</summary>
internal sealed class AuditEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api) => api.Get("/audit", Scope.Admin, ListAsync, new ApiDoc("listAudit", "Audit", "What operators did, newest first: who, what, to what, when, from where.")
    {
        Answers = [(200, "Audit")],
        Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
    });

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var parameters = Query.Of(context.Request, "limit", "cursor");
        var limit = parameters.Limit();
        long? before = null;
        if (parameters.Text("cursor") is { } cursor)
        {
            if (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) before = seq;
            else parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        }
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var rows = await doors.Audit.ListAuditAsync(ns, before, limit, context.RequestAborted);
        // A full page may be the last one; then the next is empty, and says so.
        var next = rows.Count == limit ? rows[^1].Seq.ToString(CultureInfo.InvariantCulture) : null;
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var (seq, entry) in rows)
        {
            json.WriteStartObject();
            json.WriteNumber(N.Seq, seq);
            json.WriteTime(N.At, entry.At);
            json.WriteString("who", entry.Who);
            json.WriteText(N.Origin, entry.Origin);
            json.WriteString("action", entry.Action);
            json.WriteString("target", entry.Target);
            json.WriteText(N.Before, entry.Before);
            json.WriteText(N.After, entry.After);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteText(N.Next, next);
        json.WriteEndObject();
        await Answer.Json(context, buffer);
    }
}
