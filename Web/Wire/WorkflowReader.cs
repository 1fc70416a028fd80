using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of <c>POST /workflows</c>: its own members here, each job as <see cref="SubmissionReader"/> reads a submission, but for
/// <c>dependsOn</c>, which names jobs of the graph.</summary>
internal sealed class WorkflowReader(SubmissionReader jobs, HttpOptions options)
{
    private const int OwnLevels = 3;       // the body, its jobs, a job

    /// <param name="body">UTF-8; what is kept of it is copied.</param>
    public Refusal? Read(ReadOnlyMemory<byte> body, Namespace ns, string? traceParent, out WorkflowSubmission? workflow)
    {
        workflow = null;
        var fault = SmallBody.TryRead(body, options.Limits.Depth + OwnLevels, ["name", "onFailure", "jobs"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (document.Text("name", out var name) is { } badName) return badName;
            if (document.Text("onFailure", out var onFailure) is { } badWord) return badWord;
            if (onFailure is not (null or "cancel" or "continue")) return JsonFault.Member("/onFailure", "Write \"cancel\" or \"continue\".");
            if (!document.Has("jobs", out var members) || members.ValueKind != JsonValueKind.Object)
                return JsonFault.Member("/jobs", "Write an object: a name for each job, and what POST /jobs takes.");
            if (Jobs(members, ns, traceParent, out var read) is { } badJob) return badJob;
            workflow = new WorkflowSubmission
            {
                Namespace = ns, Name = name, OnFailure = onFailure == "cancel" ? OnFailure.Cancel : OnFailure.Continue, Jobs = read,
                Digest = new Guid(SHA256.HashData(body.Span).AsSpan(0, 16), bigEndian: true),
            };
            return null;
        }
    }

    private Refusal? Jobs(JsonElement members, Namespace ns, string? traceParent, out List<WorkflowJob> read)
    {
        read = [];
        foreach (var member in members.EnumerateObject())
        {
            if (read.Count == WorkflowSubmission.MaxJobs) return JsonFault.Member("/jobs", $"More than {WorkflowSubmission.MaxJobs} jobs.");
            var at = "/jobs/" + JsonPointer.Escape(JsonFault.Shown(member.Name));
            if (member.Value.ValueKind != JsonValueKind.Object) return JsonFault.Member(at, "Write an object, as POST /jobs takes it.");
            if (Edges(member.Value, at, out var edges) is { } badEdge) return badEdge;
            if (!jobs.TryRead(WithoutEdges(member.Value), ns, traceParent, out var submission, out var refusal))
                return refusal with { Detail = $"{at}: {refusal.Detail}", Faults = [.. refusal.Faults.Select(fault => fault with { Pointer = at + fault.Pointer })] };
            read.Add(new WorkflowJob(member.Name, submission) { DependsOn = edges });
        }
        return null;
    }

    private static Refusal? Edges(JsonElement job, string at, out List<WorkflowEdge> edges)
    {
        edges = [];
        if (!job.TryGetProperty("dependsOn", out var parents) || parents.ValueKind == JsonValueKind.Null) return null;
        if (parents.ValueKind != JsonValueKind.Array) return JsonFault.Member(at + "/dependsOn", "Write an array of names of jobs.");
        foreach (var parent in parents.EnumerateArray())
        {
            if (Edge(parent) is not { } edge) return JsonFault.Member($"{at}/dependsOn/{edges.Count}", "Write the name of a job, or {\"job\": name, \"on\": \"finished\"}.");
            edges.Add(edge);
        }
        return null;
    }

    private static WorkflowEdge? Edge(JsonElement parent)
    {
        if (parent.TryText(out var name)) return new WorkflowEdge(name);
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty("job", out var job) || !job.TryText(out name)) return null;
        var on = 0;
        foreach (var member in parent.EnumerateObject())
        {
            if (member.Name == "job") continue;
            if (member.Name != "on" || !member.Value.TryText(out var word) || (on = Array.IndexOf(Words.DependsOns, word)) < 0) return null;
        }
        return new WorkflowEdge(name, (DependsOn)on);
    }

    /// <summary>The job's other members, to the byte.</summary>
    private static byte[] WithoutEdges(JsonElement job)
    {
        var written = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(written, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        foreach (var member in job.EnumerateObject())
        {
            if (member.NameEquals("dependsOn"u8)) continue;
            json.WritePropertyName(member.Name);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }
        json.WriteEndObject();
        json.Flush();
        return written.WrittenSpan.ToArray();
    }
}
