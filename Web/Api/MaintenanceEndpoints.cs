using System.Buffers;
using System.Diagnostics;
using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What operators do with the stored data as a whole: check it, copy it.</summary>
internal sealed class MaintenanceEndpoints(FrontDoors doors)
{
    private const int MaxBody = 16 * 1024;

    public void Map(ApiMap api)
    {
        api.Post("/verify", Scope.Admin, VerifyAsync, new ApiDoc("verify", "Maintenance", "Checks every invariant of the stored data.") { OfAll = true, NotAudited = "It only reads.", Answers = [(200, "Verification")] });
        api.Post("/backup", Scope.Admin, BackupAsync, new ApiDoc("backup", "Maintenance", "Copies the database into a new file on the node's machine.") { OfAll = true, Answers = [(200, "Backup")], Body = "BackupRequest" });
    }

    private async Task VerifyAsync(HttpContext context, Namespace ns)
    {
        var report = await doors.Maintenance.VerifyAsync(context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteBoolean("ok", report.Violations.Count == 0);
        json.WriteNumber("checked", report.Checked);
        json.WriteNumber("jobs", report.Jobs);
        json.WriteNumber("entities", report.Entities);
        json.WriteStartArray("violations");
        foreach (var violation in report.Violations)
        {
            json.WriteStartObject();
            json.WriteString("invariant", violation.Invariant);
            json.WriteNumber("count", violation.Count);
            json.WriteStartArray("ids");
            foreach (var id in violation.Ids) json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteString("detail", violation.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private async Task BackupAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, MaxBody);
        string? file = null;
        if (refusal is null)
        {
            refusal = ReadFile(body.ToArray(), out file);
            BodyReading.Release(context, body);
        }
        if (refusal is not null)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            var bytes = await doors.Maintenance.BackupAsync(file!, context.RequestAborted);
            var buffer = JsonBuffer.Rent();
            buffer.Json.WriteStartObject();
            buffer.Json.WriteString("file", file);
            buffer.Json.WriteNumber("bytes", bytes);
            buffer.Json.WriteNumber("duration", Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3));
            buffer.Json.WriteEndObject();
            await Answer.Json(context, buffer);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // An operator named this path; the words of the fault name it back and nothing else.
            await Problems.WriteAsync(context, new Refusal("invalid-request", fault.Message));
        }
    }

    private static Refusal? ReadFile(byte[] body, out string? file)
    {
        file = null;
        var fault = SmallBody.TryRead(body, depth: 2, ["file"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("file", out file) is { } badFile) return badFile;
        }
        return file is not null && Path.IsPathFullyQualified(file) && !file.Any(char.IsControl)
            ? null
            : JsonFault.Member("/file", "Write an absolute path on the node's machine, such as /var/backups/actorperf.db.");
    }
}
