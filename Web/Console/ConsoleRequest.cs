using System.Diagnostics.CodeAnalysis;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Api;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Console;

/// <summary>One request to the console, let in and read: who asks, with which parameters, and the front doors to answer from.</summary>
internal sealed class ConsoleRequest(HttpContext http, ConsoleView view, IFormCollection form)
{
    public HttpContext Http => http;
    public ConsoleView View => view;
    public Links Links => view.Links;
    public CancellationToken Aborted => http.RequestAborted;
    public IJobs Jobs => Service<IJobs>();
    public IQueues Queues => Service<IQueues>();
    public ICompute Compute => Service<ICompute>();
    public ICluster Cluster => Service<ICluster>();
    public ITimelines Timelines => Service<ITimelines>();
    public ITraces Traces => Service<ITraces>();
    public ActorTree Actors => Service<ActorTree>();
    public ITaskCatalog Catalog => Service<ITaskCatalog>();

    public T Service<T>()
        where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>A parameter of the address; null when absent or empty.</summary>
    public string? Query(string name) => NullIfEmpty(http.Request.Query[name].ToString());

    /// <summary>Every value of a parameter that stands in the address several times.</summary>
    public IEnumerable<string> Queries(string name) => http.Request.Query[name].OfType<string>();

    /// <summary>Every value of a field that was posted several times.</summary>
    public IEnumerable<string> Fields(string name) => form[name].OfType<string>();

    /// <summary>A field of the posted form; null when absent or empty.</summary>
    public string? Field(string name) => NullIfEmpty(form[name].ToString());

    /// <summary>A posted field as it is: null only when absent.</summary>
    public string? RawField(string name) => form.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool TryJobId([NotNullWhen(true)] out JobId id) => JobId.TryParse(http.Request.RouteValues["id"] as string, out id);

    /// <summary>See other: the answer to every form that changed something.</summary>
    public IResult Redirect(string link)
    {
        http.Response.Headers.Location = link;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    public IResult NotFound(string sentence) => Failure(StatusCodes.Status404NotFound, "Not here", sentence);

    public IResult Refused(Refusal refusal) => Failure(StatusCodes.Status409Conflict, "Refused", refusal.Detail);

    public IResult Failure(int status, string title, string sentence) =>
        ConsolePage.Of<FailurePage>(view, new FailureModel(status, title, sentence, http.TraceIdentifier), status);

    /// <summary>Logs what an operator did, and who, and leaves a row in the audit.</summary>
    /// <param name="action">As the API names the same act.</param>
    /// <param name="target">To what.</param>
    public Task RecordAsync(string action, string target)
    {
        var who = view.SignedInAs ?? "loopback";
        Log.Operated(who, action, target, view.Namespace.Name);
        return Service<AuditTrail>().RecordAsync(http, view.Namespace, who, action, target, console: true);
    }

    public ILogger Log => Service<ILoggerFactory>().CreateLogger<ConsoleRequest>();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
