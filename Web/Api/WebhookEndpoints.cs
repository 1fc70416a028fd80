using System.Buffers;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Webhooks: who is told of jobs, and what became of it. All of it needs <c>operate</c>: addresses hold tokens, and receivers answer what they like.</summary>
internal sealed class WebhookEndpoints(FrontDoors doors)
{
    private const string Group = "Webhooks";
    private const string One = "/webhooks/{name}";

    public void Map(ApiMap api)
    {
        api.Get("/webhooks", Scope.Operate, ListAsync, new ApiDoc("listWebhooks", Group, "Every webhook of the namespace, in order of name.") { Answers = [(200, "Webhooks")] });
        api.Get(One, Scope.Operate, GetAsync, new ApiDoc("getWebhook", Group, "One webhook, without its secret.") { Answers = [(200, "Webhook")] });
        api.Put(One, Scope.Operate, PutAsync, new ApiDoc("putWebhook", Group, "Adds a webhook or replaces it. A secret that is made is in this answer and never again.")
        {
            Body = "WebhookDefinition",
            Answers = [(200, "Webhook"), (201, "Webhook")],
        });
        api.Delete(One, Scope.Operate, DeleteAsync, new ApiDoc("deleteWebhook", Group, "Deletes a webhook with its deliveries.") { Answers = [(204, null)] });
        api.Post(One + "/test", Scope.Operate, TestAsync, new ApiDoc("testWebhook", Group, "Sends a test event.") { Answers = [(202, "Delivery")] });
        api.Post(One + "/rotate", Scope.Operate, RotateAsync, new ApiDoc("rotateWebhook", Group, "Makes a new secret, shown this once; the old one stays good for 24 hours.") { Answers = [(200, "Webhook")] });
        api.Get(One + "/deliveries", Scope.Operate, DeliveriesAsync, new ApiDoc("listDeliveries", Group, "What was sent, and what came back, newest first.")
        {
            Answers = [(200, "Deliveries")],
            Parameters = [ApiParameters.Limit, ApiParameters.Cursor],
        });
        api.Post(One + "/deliveries/{id}/redeliver", Scope.Operate, RedeliverAsync, new ApiDoc("redeliver", Group, "Sends a delivery again, under the same webhook-id.") { Answers = [(202, "Delivery")] });
        api.Get("/jobs/{id}/deliveries", Scope.Operate, OfJobAsync, new ApiDoc("listDeliveriesOfJob", Group, "What webhooks were told of a job, oldest first.") { Answers = [(200, "Deliveries")] });
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var webhooks = await doors.Webhooks.ListAsync(ns, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var webhook in webhooks) buffer.Json.WriteWebhook(webhook);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        if (await doors.Webhooks.GetAsync(ns, name, context.RequestAborted) is not { } webhook)
        {
            await Problems.WriteAsync(context, Unknown(name));
            return;
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteWebhook(webhook);
        await Answer.Json(context, buffer);
    }

    private async Task PutAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, WebhookReader.MaxBody);
        WebhookDefinition? definition = null;
        if (refusal is null)
        {
            refusal = WebhookReader.TryRead(body.ToArray(), out definition);
            BodyReading.Release(context, body);
        }
        if (refusal is not null || definition is null)
        {
            await Problems.WriteAsync(context, refusal!);
            return;
        }
        var name = NameOf(context);
        await AnswerAsync(context, name, await doors.Webhooks.PutAsync(ns, name, definition, context.RequestAborted));
    }

    private async Task DeleteAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        var reply = await doors.Webhooks.DeleteAsync(ns, name, context.RequestAborted);
        if (reply is WebhookReply.Done) context.Response.StatusCode = StatusCodes.Status204NoContent;
        else await Problems.WriteAsync(context, reply is WebhookReply.Refused refused ? refused.Refusal : Unknown(name));
    }

    private async Task RotateAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        await AnswerAsync(context, name, await doors.Webhooks.RotateAsync(ns, name, context.RequestAborted));
    }

    private async Task TestAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        switch (await doors.Webhooks.TestAsync(ns, name, context.RequestAborted))
        {
            case DeliveryReply.Done done:
                await AnswerAsync(context, done.Delivery);
                break;
            case DeliveryReply.Refused refused:
                await Problems.WriteAsync(context, refused.Refusal);
                break;
            default:
                await Problems.WriteAsync(context, Unknown(name));
                break;
        }
    }

    private async Task DeliveriesAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        var parameters = Query.Of(context.Request, "limit", "cursor");
        var (limit, cursor) = (parameters.Limit(), parameters.Text("cursor"));
        long? before = null;
        if (cursor is not null)
        {
            if (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) before = seq;
            else parameters.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        }
        if (parameters.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        if (await doors.Webhooks.DeliveriesAsync(ns, name, before, limit, context.RequestAborted) is { } page) await AnswerAsync(context, page);
        else await Problems.WriteAsync(context, Unknown(name));
    }

    private async Task RedeliverAsync(HttpContext context, Namespace ns)
    {
        var (name, id) = (NameOf(context), context.Request.RouteValues["id"] as string ?? "");
        if (Guid.TryParseExact(id, "D", out var delivery) && await doors.Webhooks.RedeliverAsync(ns, name, delivery, context.RequestAborted) is { } again)
        {
            await AnswerAsync(context, again);
            return;
        }
        await Problems.WriteAsync(context, new Refusal(
            "not-found", $"Webhook '{JsonFault.Shown(name)}' has no delivery '{JsonFault.Shown(id)}'. GET /api/v1/webhooks/{{name}}/deliveries lists those that are kept."));
    }

    private async Task OfJobAsync(HttpContext context, Namespace ns)
    {
        var text = context.Request.RouteValues["id"] as string ?? "";
        if (!JobId.TryParse(text, out var id))
        {
            await Problems.WriteAsync(context, new Refusal("not-found", $"'{JsonFault.Shown(text)}' is no id of a job: write a UUID in lower case."));
            return;
        }
        if (await doors.Jobs.GetAsync(ns, id, context.RequestAborted) is null)
        {
            await Problems.WriteAsync(context, JobAnswers.Unknown(text));
            return;
        }
        await AnswerAsync(context, new DeliveryPage(await doors.Webhooks.DeliveriesOfAsync(ns, id, context.RequestAborted), null));
    }

    private static async Task AnswerAsync(HttpContext context, string name, WebhookReply? reply)
    {
        if (reply is not WebhookReply.Done done)
        {
            await Problems.WriteAsync(context, reply is WebhookReply.Refused refused ? refused.Refusal : Unknown(name));
            return;
        }
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteWebhook(done.Webhook, done.Secret);
        await Answer.Json(context, buffer, done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task AnswerAsync(HttpContext context, Delivery delivery)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteDelivery(delivery);
        await Answer.Json(context, buffer, StatusCodes.Status202Accepted);
    }

    private static async Task AnswerAsync(HttpContext context, DeliveryPage page)
    {
        var next = page.Next?.ToString(CultureInfo.InvariantCulture);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var delivery in page.Items) buffer.Json.WriteDelivery(delivery);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteText(N.Next, next);
        buffer.Json.WriteEndObject();
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        await Answer.Json(context, buffer);
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";

    private static Refusal Unknown(string name) => new("not-found", $"There is no webhook '{JsonFault.Shown(name)}' in this namespace. GET /api/v1/webhooks lists them.");
}
