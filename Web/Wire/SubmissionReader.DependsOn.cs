using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <content>The jobs that a submission waits for: ids, or <c>{"job": id, "on": "succeeded" | "finished"}</c>.</content>
internal sealed partial class SubmissionReader
{
    private ref partial struct Draft
    {
        private List<JobDependency> Parents(ref Utf8JsonReader reader)
        {
            const string pointer = "/dependsOn";
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                Wrong<string>(ref reader, pointer, "an array of ids of jobs");
                return [];
            }
            var parents = new List<JobDependency>();
            var seen = new HashSet<JobId>();
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                if (index >= SubmissionCheck.MaxDependencies)
                {
                    if (index == SubmissionCheck.MaxDependencies) Fault(pointer, $"More than {SubmissionCheck.MaxDependencies} jobs.");
                    Skip(ref reader, pointer);
                    continue;
                }
                var at = $"{pointer}/{index}";
                if (Parent(ref reader, at) is not { } parent) continue;
                if (!seen.Add(parent.Job)) Fault(at, "The job is there twice.");
                else parents.Add(parent);
            }
            return parents;
        }

        private JobDependency? Parent(ref Utf8JsonReader reader, string pointer)
        {
            if (reader.TokenType == JsonTokenType.String) return Id(ref reader, pointer) is { } id ? new JobDependency(id, DependsOn.Succeeded) : null;
            if (reader.TokenType != JsonTokenType.StartObject) return WrongValue<JobDependency>(ref reader, pointer, "the id of a job, or {\"job\": id, \"on\": \"finished\"}");
            JobId? job = null;
            var on = 0;
            var (jobSeen, onSeen) = (false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonFault.Name(ref reader);
                var at = $"{pointer}/{JsonPointer.Escape(name)}";
                reader.Read();
                switch (name)
                {
                    case "job" when !jobSeen:
                        jobSeen = true;
                        job = Id(ref reader, at);
                        break;
                    case "on" when !onSeen:
                        onSeen = true;
                        if (reader.TokenType != JsonTokenType.Null) on = Word(ref reader, at, Words.DependsOns);
                        break;
                    default:
                        Fault(at, name is "job" or "on" ? "The member is there twice." : "No such member; there are job and on.");
                        Skip(ref reader, at);
                        break;
                }
            }
            if (!jobSeen) Fault($"{pointer}/job", "The id of a job is needed.");
            return job is { } found ? new JobDependency(found, (DependsOn)on) : null;
        }
    }
}
