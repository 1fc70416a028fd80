using System.Diagnostics;
using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Who is told of jobs, and what came back. All of it needs <c>operate</c>, as in the API: addresses hold tokens, and receivers answer what they like.</summary>
internal static class WebhookHandler
{
    private const int PageSize = 50;

    private static readonly ExportColumn<Webhook>[] Columns =
    [
        new("name", each => each.Name), new("url", each => each.Url), new("q", each => each.Query), new("events", each => string.Join(' ', each.Events.Select(state => state.Word))),
        new("paused", each => each.Paused), new("gone", each => each.Gone), new("createdAt", each => each.CreatedAt), new("updatedAt", each => each.UpdatedAt),
    ];

    private static readonly ExportColumn<Delivery>[] DeliveryColumns =
    [
        new("id", each => each.Id.ToString()), new("type", each => each.Type), new("job", each => each.Job?.ToString()), new("task", each => each.Task), new("url", each => each.Url), new("at", each => each.At),
        new("state", each => each.State.ToString().ToLowerInvariant()), new("attempts", each => each.Attempts), new("status", each => each.Status), new("error", each => each.Error), new("response", each => each.Response),
        new("dueAt", each => each.DueAt), new("endedAt", each => each.EndedAt),
    ];

    public static async Task<IResult> ListAsync(ConsoleRequest request)
    {
        if (request.Query("new") is not null) return Form(request, new WebhookForm(null, request.Query("url") ?? "", request.Query("q") ?? "", WebhookEvents.Default, false));
        var webhooks = await request.Service<IWebhooks>().ListAsync(request.View.Namespace, request.Aborted);
        return ConsolePage.Of<WebhooksPage>(request.View, new WebhooksModel(webhooks));
    }

    /// <summary>The list, or one of them where the address names it.</summary>
    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!request.View.Rights.May(Right.Operate)) return null;
        var (webhooks, view) = (request.Service<IWebhooks>(), request.View);
        if (request.Query("name") is not { } name) return ("webhooks", () => new LiveQuestion(async ct => new WebhooksModel(await webhooks.ListAsync(view.Namespace, ct)).Live()));
        if (!TryCursor(request, out var before)) return null;
        return ($"webhook {name} {before}", () => new LiveQuestion(async ct =>
            await webhooks.GetAsync(view.Namespace, name, ct) is { } webhook ? (await ReadAsync(webhooks, view, webhook, before, null, ct)).Live(view.Links) : new LiveState { Shape = "gone" }));
    }

    public static async Task<IResult> SaveAsync(ConsoleRequest request) => ListExport.Of(
        "webhooks", request.Http.Request.RouteValues["format"] as string, Columns, (await request.Service<IWebhooks>().ListAsync(request.View.Namespace, request.Aborted)).ToAsyncEnumerable());

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        if (await request.Service<IWebhooks>().GetAsync(request.View.Namespace, NameOf(request), request.Aborted) is not { } webhook) return request.NotFound(NoSuch(request));
        return request.Query("edit") is null ? await PageAsync(request, webhook, null)
            : Form(request, new WebhookForm(webhook.Name, webhook.Url ?? "", webhook.Query, webhook.Events, webhook.Paused));
    }

    public static async Task<IResult> SaveDeliveriesAsync(ConsoleRequest request)
    {
        var (webhooks, ns, name) = (request.Service<IWebhooks>(), request.View.Namespace, NameOf(request));
        if (await webhooks.GetAsync(ns, name, request.Aborted) is null) return request.NotFound(NoSuch(request));
        return ListExport.Of($"deliveries-{name}", request.Http.Request.RouteValues["format"] as string, DeliveryColumns, RowsAsync(webhooks, ns, name, request.Aborted));
    }

    public static async Task<IResult> PutAsync(ConsoleRequest request)
    {
        var form = WebhookForm.Posted(request);
        var name = form.Existing ?? request.Field("name")?.Trim() ?? "";
        var webhooks = request.Service<IWebhooks>();
        if (form.Existing is null && await webhooks.GetAsync(request.View.Namespace, name, request.Aborted) is not null)
            return Form(request, form with { Name = name, Faults = [new("/name", "There is one of this name already.")], Refusal = $"There is a webhook '{name}' already." });
        switch (await webhooks.PutAsync(request.View.Namespace, name, form.Definition(request.Field("secret")?.Trim()), request.Aborted))
        {
            case WebhookReply.Refused(var refusal):
                var faults = refusal.Faults.Count > 0 || TaskNames.IsValid(name) ? refusal.Faults : [new FieldFault("/name", refusal.Detail)];
                return Form(request, form with { Name = name, Faults = faults, Refusal = refusal.Detail });
            case WebhookReply.Done { IsNew: true } done:
                await request.RecordAsync("putWebhook", name);
                return await PageAsync(request, done.Webhook, done.Secret);        // the one answer that shows the secret, and so no redirect
            default:
                await request.RecordAsync("putWebhook", name);
                return request.Redirect(LinkTo(request, name));
        }
    }

    public static async Task<IResult> RotateAsync(ConsoleRequest request)
    {
        switch (await request.Service<IWebhooks>().RotateAsync(request.View.Namespace, NameOf(request), request.Aborted))
        {
            case null:
                return request.NotFound(NoSuch(request));
            case WebhookReply.Refused(var refusal):
                return request.Refused(refusal);
            case WebhookReply.Done done:
                await request.RecordAsync("rotateWebhook", done.Webhook.Name);
                return await PageAsync(request, done.Webhook, done.Secret);
            default:
                throw new UnreachableException();
        }
    }

    public static async Task<IResult> TestAsync(ConsoleRequest request)
    {
        switch (await request.Service<IWebhooks>().TestAsync(request.View.Namespace, NameOf(request), request.Aborted))
        {
            case null:
                return request.NotFound(NoSuch(request));
            case DeliveryReply.Refused(var refusal):
                return request.Refused(refusal);
            default:
                await request.RecordAsync("testWebhook", NameOf(request));
                return request.Redirect(LinkTo(request, NameOf(request)));
        }
    }

    public static async Task<IResult> DeleteAsync(ConsoleRequest request)
    {
        switch (await request.Service<IWebhooks>().DeleteAsync(request.View.Namespace, NameOf(request), request.Aborted))
        {
            case null:
                return request.NotFound(NoSuch(request));
            case WebhookReply.Refused(var refusal):
                return request.Refused(refusal);
            default:
                await request.RecordAsync("deleteWebhook", NameOf(request));
                return request.Redirect(request.Links.To("webhooks"));
        }
    }

    public static async Task<IResult> RedeliverAsync(ConsoleRequest request)
    {
        var (name, id) = (NameOf(request), request.Field("delivery") ?? "");
        if (!Guid.TryParseExact(id, "D", out var delivery) || await request.Service<IWebhooks>().RedeliverAsync(request.View.Namespace, name, delivery, request.Aborted) is null)
            return request.NotFound("This delivery is not here any more.");
        await request.RecordAsync("redeliver", $"{name}/{id}");
        return request.Redirect(LinkTo(request, name));
    }

    private static async Task<IResult> PageAsync(ConsoleRequest request, Webhook webhook, string? secret) =>
        TryCursor(request, out var before)
            ? ConsolePage.Of<OneWebhookPage>(request.View, await ReadAsync(request.Service<IWebhooks>(), request.View, webhook, before, secret, request.Aborted))
            : request.NotFound("The address names a page that cannot be. Start again from the newest deliveries.");

    private static async Task<WebhookModel> ReadAsync(IWebhooks webhooks, ConsoleView view, Webhook webhook, long? before, string? secret, CancellationToken ct)
    {
        var page = await webhooks.DeliveriesAsync(view.Namespace, webhook.Name, before, PageSize, ct) ?? new DeliveryPage([], null);
        var older = page.Next is { } next ? view.Links.To($"webhooks/{Uri.EscapeDataString(webhook.Name)}", "cursor", next.ToString(CultureInfo.InvariantCulture)) : null;
        return new WebhookModel(webhook, page.Items, older, secret, before);
    }

    private static bool TryCursor(ConsoleRequest request, out long? before)
    {
        before = null;
        if (request.Query("cursor") is not { } cursor) return true;
        if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return false;
        before = seq;
        return true;
    }

    private static IResult Form(ConsoleRequest request, WebhookForm form) =>
        ConsolePage.Of<WebhookFormPage>(request.View, form, form.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private static async IAsyncEnumerable<Delivery> RowsAsync(IWebhooks webhooks, Namespace ns, string name, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        long? before = null;
        do
        {
            if (await webhooks.DeliveriesAsync(ns, name, before, 500, ct) is not { } page) yield break;
            foreach (var delivery in page.Items) yield return delivery;
            before = page.Next;
        }
        while (before is not null);
    }

    private static string NameOf(ConsoleRequest request) => request.Http.Request.RouteValues["name"] as string ?? "";

    private static string NoSuch(ConsoleRequest request) => $"There is no webhook '{Wire.JsonFault.Shown(NameOf(request))}' in this namespace.";

    private static string LinkTo(ConsoleRequest request, string name) => request.Links.To($"webhooks/{Uri.EscapeDataString(name)}");
}
