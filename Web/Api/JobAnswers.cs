using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Api;

/// <summary>How a job is answered: the parts that several calls share.</summary>
internal static class JobAnswers
{
    private static readonly StringValues RetrySoon = "1";

    public static Refusal Unknown(string id) => new("unknown-job",
        $"There is no job '{JsonFault.Shown(id)}' in this namespace. Ids are UUIDs in lower case; jobs are removed some time after they end.");

    /// <summary>Reads the id in the route; null is answered as an unknown job.</summary>
    public static bool TryId(HttpContext context, out JobId id, out string text)
    {
        text = context.Request.RouteValues["id"] as string ?? "";
        return JobId.TryParse(text, out id);
    }

    public static Task One(HttpContext context, Job job, int status = StatusCodes.Status200OK, bool deduplicated = false)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteJob(job, deduplicated);
        return Answer.Tagged(context, buffer, JobJson.ETag(job), status);
    }

    /// <summary>The weak comparison of RFC 9110, over a list of tags or <c>*</c>.</summary>
    /// <param name="known">The header <c>If-None-Match</c>.</param>
    public static bool Knows(string known, string etag)
    {
        foreach (var range in known.AsSpan().Split(','))
        {
            var tag = known.AsSpan(range).Trim();
            if (tag.StartsWith("W/")) tag = tag[2..];
            if (tag.SequenceEqual(etag) || tag is "*") return true;
        }
        return false;
    }

    /// <summary>What became of a command to a job; null: there is no such job.</summary>
    /// <param name="status">Of a success.</param>
    public static Task Outcome(HttpContext context, JobOutcome? outcome, int status)
    {
        switch (outcome)
        {
            case JobOutcome.Done done:
                AuditNote.Put(context, after: done.Job.Row.State.Word);
                if (status == StatusCodes.Status202Accepted) PutLocation(context, done.Job);
                return One(context, done.Job, status);
            case JobOutcome.Refused refused:
                return Problems.WriteAsync(context, refused.Refusal);
            default:
                return Problems.WriteAsync(context, Unknown(context.Request.RouteValues["id"] as string ?? ""));
        }
    }

    /// <summary>202: it is durable, and here is where to look.</summary>
    public static Task Accepted(HttpContext context, Job job)
    {
        PutLocation(context, job);
        context.Response.Headers.RetryAfter = RetrySoon;
        return One(context, job, StatusCodes.Status202Accepted);
    }

    public static void PutLocation(HttpContext context, Job job, string list = "jobs") =>
        context.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"{context.Request.PathBase.Value}{OwnRoute.Of(context)?.Prefix}/api/v1/{list}/{job.Row.Id.Value:D}");
}
