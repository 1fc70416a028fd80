using ActorPerf.Cluster;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Api;

/// <summary>The one place that writes down what operators do. Every call that needs <c>operate</c> or <c>admin</c> and changes something leaves a row when it was
/// done, before it is answered, unless its route says why it does not (<see cref="ApiDoc.NotAudited"/>).</summary>
internal sealed class Auditor(FrontDoors doors, AccessCheck access, TimeProvider time, ILogger<Auditor> log)
{
    private const int MaxText = 500;

    /// <summary>Whether calls of a route leave a row.</summary>
    public static bool Audits(string method, Scope scope, ApiDoc doc) => method != HttpMethods.Get && scope is Scope.Operate or Scope.Admin && doc.NotAudited is null;

    /// <summary>The handler, and the row behind it.</summary>
    public ApiHandler Around(ApiHandler handler, string action) => async (context, ns) =>
    {
        await handler(context, ns);
        if (context.Response.StatusCode < 400) await RecordAsync(context, ns, access.NameOf(context), action, Target(context));
    };

    /// <summary>Adds a row. What was done is done: a store that cannot take the row is told of in the log.</summary>
    public async Task RecordAsync(HttpContext context, Namespace ns, string who, string action, string target, bool console = false)
    {
        var note = context.Items[typeof(AuditNote)] as AuditNote ?? AuditNote.None;
        var address = context.Connection.RemoteIpAddress?.ToString();
        var origin = console ? $"console {address}".TrimEnd() : address;
        try
        {
            // Not the caller's patience: the act took place.
            await doors.Audit.RecordAsync(
                new AuditEntry(ns, time.GetUtcNow(), Short(who)!, origin, action, Short(note.Target ?? target)!, Short(note.Before), Short(note.After)), CancellationToken.None);
        }
        catch (StoreUnavailableException fault)
        {
            log.NotAudited(fault, who, action, target);
        }
    }

    private static string Target(HttpContext context) => string.Join('/', context.Request.RouteValues.Values);

    private static string? Short(string? text) => text is { Length: > MaxText } ? string.Concat(text.AsSpan(0, MaxText), "…") : text;
}

/// <summary>What a handler adds to the audit's row of its call: values in short, never secrets.</summary>
/// <param name="Target">Null: what the address names.</param>
internal sealed record AuditNote(string? Target, string? Before, string? After)
{
    public static AuditNote None { get; } = new(null, null, null);

    public static void Put(HttpContext context, string? target = null, string? before = null, string? after = null) =>
        context.Items[typeof(AuditNote)] = new AuditNote(target, before, after);
}
