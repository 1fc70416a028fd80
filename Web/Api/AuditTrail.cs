using System.Diagnostics.CodeAnalysis;
using ActorPerf.Cluster;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Api;

/// <summary>Writes the rows of the audit, for calls of the API and for forms of the console alike.</summary>
internal sealed class AuditTrail(IServiceProvider services, TimeProvider time, ILogger<AuditTrail> log)
{
    private const int MaxText = 500;

    private IAudit Audit => field ??= services.GetRequiredService<IAudit>();

    /// <summary>Adds a row. What was done is done: a store that cannot take the row is told of in the log.</summary>
    public async Task RecordAsync(HttpContext context, Namespace ns, string who, string action, string target, bool console = false)
    {
        var note = context.Items[typeof(AuditNote)] as AuditNote ?? AuditNote.None;
        var address = context.Connection.RemoteIpAddress?.ToString();
        var origin = console ? $"console {address}".TrimEnd() : address;
        try
        {
            // Not the caller's patience: the act took place.
            await Audit.RecordAsync(
                new AuditEntry(ns, time.GetUtcNow(), Short(who), origin, action, Short(note.Target ?? target), Short(note.Before), Short(note.After)), CancellationToken.None);
        }
        catch (StoreUnavailableException fault)
        {
            log.NotAudited(fault, who, action, target);
        }
    }

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Short(string? text) => text is { Length: > MaxText } ? string.Concat(text.AsSpan(0, MaxText), "…") : text;
}
