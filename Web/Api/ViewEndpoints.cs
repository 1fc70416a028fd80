using System.Buffers;
using System.Text.Json;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Named searches.</summary>
internal sealed class ViewEndpoints(FrontDoors doors, TimeProvider time)
{
    private const string Group = "Views";
    private const string One = "/views/{name}";
    private const long MaxBody = 16 * 1024;
    private const int MaxColumns = 20;
    private const int MaxColumn = 100;

    public void Map(ApiMap api)
    {
        api.Get("/views", Scope.Read, ListAsync, new ApiDoc("listViews", Group, "Named searches, in order of name.") { Answers = [(200, "Views")] });
        api.Get(One, Scope.Read, GetAsync, new ApiDoc("getView", Group, "One named search.") { Answers = [(200, "View")] });
        api.Put(One, Scope.Operate, PutAsync, new ApiDoc("putView", Group, "Keeps a search under a name.") { Body = "ViewDefinition", Answers = [(200, "View"), (201, "View")] });
        api.Delete(One, Scope.Operate, DeleteAsync, new ApiDoc("deleteView", Group, "Forgets a named search.") { Answers = [(204, null)] });
    }

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        var views = await doors.Views.ListViewsAsync(ns, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Items);
        foreach (var view in views) Write(buffer.Json, view);
        buffer.Json.WriteEndArray();
        buffer.Json.WriteNull(N.Next);
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (await doors.Views.GetViewAsync(ns, NameOf(context), context.RequestAborted) is { } view) await OneAsync(context, view, StatusCodes.Status200OK);
        else await Problems.WriteAsync(context, Unknown(context));
    }

    private async Task PutAsync(HttpContext context, Namespace ns)
    {
        var name = NameOf(context);
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        SavedView? view = null;
        if (refusal is null)
        {
            refusal = TaskNames.IsValid(name)
                ? Read(body.ToArray(), ns, name, out view)
                : new Refusal("invalid-request", $"'{JsonFault.Shown(name)}' is no name of a view: use {TaskNames.Rule}.");
            BodyReading.Release(context, body);
        }
        if (refusal is not null || view is null)
        {
            await Problems.WriteAsync(context, refusal!);
            return;
        }
        var before = await doors.Views.GetViewAsync(ns, name, context.RequestAborted);
        if (!await doors.Views.PutViewAsync(view, context.RequestAborted))
        {
            await Problems.WriteAsync(context, new Refusal("invalid-request", $"There are {IViews.MaxViews} views already. Delete one that nobody uses: DELETE /api/v1/views/NAME."));
            return;
        }
        AuditNote.Put(context, before: before?.Q, after: view.Q);
        await OneAsync(context, view, before is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private async Task DeleteAsync(HttpContext context, Namespace ns)
    {
        if (await doors.Views.DeleteViewAsync(ns, NameOf(context), context.RequestAborted)) context.Response.StatusCode = StatusCodes.Status204NoContent;
        else await Problems.WriteAsync(context, Unknown(context));
    }

    private Refusal? Read(byte[] body, Namespace ns, string name, out SavedView? view)
    {
        view = null;
        var fault = SmallBody.TryRead(body, depth: 3, ["q", "sort", "columns"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("q", out var q) is { } noText) return noText;
            if (!FilterText.TryParse(q ?? "", out _, out var unreadable)) return SearchRefusals.Unreadable(unreadable!);
            if (document.Text("sort", out var sort) is { } noSort) return noSort;
            if (sort is not null && !JobSort.TryParse(sort, out _)) return JsonFault.Member("/sort", $"Write one of {JobSort.Known}; with - in front it descends.");
            if (Columns(document, out var columns) is { } noColumns) return noColumns;
            view = new SavedView(ns, name, q ?? "", sort ?? JobSort.Newest.ToString(), columns, time.GetUtcNow());
            return null;
        }
    }

    private static Refusal? Columns(JsonDocument document, out List<string> columns)
    {
        columns = [];
        if (!document.Has("columns", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxColumns) return JsonFault.Member("/columns", $"Write an array of at most {MaxColumns} texts.");
        foreach (var item in value.EnumerateArray())
        {
            if (!item.TryText(out var column) || column.Length is 0 or > MaxColumn || column.Any(char.IsControl))
                return JsonFault.Member($"/columns/{columns.Count}", $"A column has 1 to {MaxColumn} characters, such as state or args.customer.id.");
            columns.Add(column);
        }
        return null;
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";

    private static Refusal Unknown(HttpContext context) =>
        new("not-found", $"There is no view '{JsonFault.Shown(NameOf(context))}' in this namespace. GET /api/v1/views lists them.");

    private static Task OneAsync(HttpContext context, SavedView view, int status)
    {
        var buffer = JsonBuffer.Rent();
        Write(buffer.Json, view);
        return Answer.Json(context, buffer, status);
    }

    private static void Write(Utf8JsonWriter json, SavedView view)
    {
        json.WriteStartObject();
        json.WriteString(N.Name, view.Name);
        json.WriteString("q", view.Q);
        json.WriteString("sort", view.Sort);
        json.WriteStartArray("columns");
        foreach (var column in view.Columns) json.WriteStringValue(column);
        json.WriteEndArray();
        json.WriteTime(N.UpdatedAt, view.UpdatedAt);
        json.WriteEndObject();
    }
}
