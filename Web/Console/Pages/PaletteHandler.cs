using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Parts;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Places to go, for the command palette: pages, tasks to submit, queues, views, schedules, and whatever an id or a search leads to.</summary>
internal static class PaletteHandler
{
    private const int Most = 12;
    private const int MostOfAKind = 200;

    public static async Task<IResult> FindAsync(ConsoleRequest request)
    {
        var wanted = (request.Query("q") ?? "").Trim();
        var found = new List<PaletteItem>();
        if (JobId.TryParse(wanted, out var id)) found.Add(new("Job", wanted, request.Links.Job(id)));
        var words = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        found.AddRange((await PlacesAsync(request)).Where(item => words.All(word => item.Matches(word))).Take(Most));
        if (wanted.Length > 0) found.Add(new("Search jobs", wanted, request.Links.To("jobs", "q", wanted)));
        return Results.Json<IReadOnlyList<PaletteItem>>(found, LinesJson.Default.IReadOnlyListPaletteItem);
    }

    private static async Task<List<PaletteItem>> PlacesAsync(ConsoleRequest request)
    {
        var (links, ns, ct) = (request.Links, request.View.Namespace, request.Aborted);
        var items = Navigation.Places.Where(place => request.View.Rights.May(place.Needs)).Select(place => new PaletteItem("Go to", place.Word, links.To(place.Path))).ToList();
        items.Add(new PaletteItem("Go to", "Operations", links.To("operations")));
        items.AddRange(JobStates.All.Select(state => new PaletteItem("Jobs", state.Word, links.To("jobs", "state", state.Word))));
        if (request.View.Rights.May(Right.Submit))
            items.AddRange(request.Catalog.All.Where(task => !task.Internal).Take(MostOfAKind).Select(task => new PaletteItem("Submit", task.Name, links.To("submit", "task", task.Name))));
        items.AddRange((await request.Service<IViews>().ListViewsAsync(ns, ct)).Select(view => new PaletteItem("View", view.Name, links.To("jobs", "q", view.Q))));
        items.AddRange((await request.Service<ISchedules>().ListAsync(ns, null, MostOfAKind, ct)).Select(each => new PaletteItem("Schedule", each.Name, links.To($"schedules/{Uri.EscapeDataString(each.Name)}"))));
        items.AddRange((await request.Queues.ListAsync(ns, ct)).Take(MostOfAKind).Select(queue => new PaletteItem("Jobs of queue", queue.Name, links.To("jobs", "queue", queue.Name))));
        return items;
    }
}

/// <param name="Kind">What comes of choosing it.</param>
internal sealed record PaletteItem(string Kind, string Text, string Link)
{
    public bool Matches(string word) => Text.Contains(word, StringComparison.OrdinalIgnoreCase) || Kind.Contains(word, StringComparison.OrdinalIgnoreCase);
}
