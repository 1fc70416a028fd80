using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>The one place that has what operators do written down. Every call that needs <c>operate</c> or <c>admin</c> and changes something leaves a row when it was
/// done, before it is answered, unless its route says why it does not (<see cref="ApiDoc.NotAudited"/>).</summary>
internal sealed class Auditor(AuditTrail trail, AccessCheck access)
{
    /// <summary>Whether calls of a route leave a row.</summary>
    public static bool Audits(string method, Scope scope, ApiDoc doc) => method != HttpMethods.Get && scope is Scope.Operate or Scope.Admin && doc.NotAudited is null;

    /// <summary>The handler, and the row behind it.</summary>
    public ApiHandler Around(ApiHandler handler, string action) => async (context, ns) =>
    {
        // Whoever hangs up meanwhile does not take back what was begun: it goes on to its end, and its row is written.
        var hungUp = context.RequestAborted;
        context.RequestAborted = CancellationToken.None;
        try
        {
            await handler(context, ns);
        }
        finally
        {
            context.RequestAborted = hungUp;
        }
        if (context.Response.StatusCode < 400 && !ReferenceEquals(context.Items[typeof(AuditNote)], AuditNote.NothingDone)) await trail.RecordAsync(context, ns, access.NameOf(context), action, Target(context));
    };

    private static string Target(HttpContext context) => string.Join('/', context.Request.RouteValues.Values);
}

/// <summary>What a handler adds to the audit's row of its call: values in short, never secrets.</summary>
/// <param name="Target">Null: what the address names.</param>
internal sealed record AuditNote(string? Target, string? Before, string? After)
{
    public static AuditNote None { get; } = new(null, null, null);

    /// <summary>The call only looked: it leaves no row.</summary>
    public static AuditNote NothingDone { get; } = new(null, null, "nothing");

    public static void Leave(HttpContext context) => context.Items[typeof(AuditNote)] = NothingDone;

    public static void Put(HttpContext context, string? target = null, string? before = null, string? after = null) =>
        context.Items[typeof(AuditNote)] = new AuditNote(target, before, after);
}
