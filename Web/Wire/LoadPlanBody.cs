using System.Text.Json;
using ActorPerf.Load;
using ActorPerf.Load.Plans;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the bodies of calls about load tests: a plan, with its model as an object of its own, and the edit of a run.</summary>
internal static class LoadPlanBody
{
    private const int Depth = 6;
    private const string Model = "model";

    private static readonly string[] PlanMembers = [.. LoadDraft.Members.Where(static member => !member.Pointer.StartsWith("/model/", StringComparison.Ordinal)).Select(static member => member.Name), Model];
    private static readonly string[] ModelMembers = [.. LoadDraft.Members.Where(static member => member.Pointer.StartsWith("/model/", StringComparison.Ordinal)).Select(static member => member.Name)];
    private static readonly string[] EditMembers = ["users", "spawnRate", "rate", "runTime"];
    private static readonly Dictionary<string, LoadMemberKind> Kinds = LoadDraft.Members.ToDictionary(static member => member.Name, static member => member.Kind, StringComparer.Ordinal);

    /// <param name="host">The target where the body names none.</param>
    /// <returns>Null with the plan; else why not, with every fault.</returns>
    public static Refusal? ReadPlan(ReadOnlyMemory<byte> body, string host, out LoadPlan? plan)
    {
        plan = null;
        var refusal = SmallBody.TryRead(body, Depth, PlanMembers, out var document);
        using (document)
        {
            if (refusal is not null || document is null) return refusal;
            var (draft, faults) = (new LoadDraft(), new List<FieldFault>());
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Name != Model) Take(draft, faults, member, "");
                else if (member.Value.ValueKind == JsonValueKind.Object) TakeModel(draft, faults, member.Value);
                else if (member.Value.ValueKind != JsonValueKind.Null) faults.Add(new FieldFault("/model", "Write an object such as {\"users\": 10, \"spawnRate\": 2} or {\"rate\": 100}."));
            }

            if (faults.Count > 0) return JsonFault.Members(faults);
            if (!draft.Has("host")) draft.Add("host", host);
            plan = draft.ToPlan(out var found);
            return plan is null ? JsonFault.Members(found) : null;
        }
    }

    /// <returns>Null with the edit; else why not, with every fault.</returns>
    public static Refusal? ReadEdit(ReadOnlyMemory<byte> body, out LoadEdit? edit)
    {
        edit = null;
        var refusal = SmallBody.TryRead(body, Depth, EditMembers, out var document);
        using (document)
        {
            if (refusal is not null || document is null) return refusal;
            var (draft, faults) = (new LoadDraft(), new List<FieldFault>());
            foreach (var member in document.RootElement.EnumerateObject()) Take(draft, faults, member, "");
            if (faults.Count > 0) return JsonFault.Members(faults);
            edit = LoadEdits.Read(draft, out var found);
            return edit is null ? JsonFault.Members(found) : null;
        }
    }

    private static void TakeModel(LoadDraft draft, List<FieldFault> faults, JsonElement model)
    {
        foreach (var member in model.EnumerateObject())
        {
            if (ModelMembers.Contains(member.Name)) Take(draft, faults, member, "/model");
            else faults.Add(new FieldFault("/model/" + JsonPointer.Escape(JsonFault.Shown(member.Name)), $"No such member; there are {string.Join(", ", ModelMembers)}."));
        }
    }

    private static void Take(LoadDraft draft, List<FieldFault> faults, JsonProperty member, string parent)
    {
        if (member.Value.ValueKind == JsonValueKind.Null) return;
        var pointer = $"{parent}/{member.Name}";
        if (Fault(draft, member.Name, member.Value, pointer) is { } fault) faults.Add(fault);
    }

    /// <summary>Gives the draft the texts of a member; what is wrong with its kind, else null.</summary>
    private static FieldFault? Fault(LoadDraft draft, string name, JsonElement value, string pointer)
    {
        switch (Kinds[name])
        {
            case LoadMemberKind.Whole or LoadMemberKind.Number when value.ValueKind == JsonValueKind.Number:
                draft.Add(name, value.GetRawText());
                return null;
            case LoadMemberKind.Whole: return new FieldFault(pointer, "Write a whole number.");
            case LoadMemberKind.Number: return new FieldFault(pointer, "Write a number.");
            case LoadMemberKind.Flag when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                if (value.GetBoolean()) draft.Add(name, "true");
                return null;
            case LoadMemberKind.Flag: return new FieldFault(pointer, "Write true or false.");
            case LoadMemberKind.Duration when value.TryText(out var text) && Durations.TryParse(text, out _):
                draft.Add(name, text);
                return null;
            case LoadMemberKind.Duration: return new FieldFault(pointer, "Write a duration such as \"30s\", \"5m\" or \"1h30m\".");
            case LoadMemberKind.Text when value.TryText(out var text):
                draft.Add(name, text);
                return null;
            case LoadMemberKind.Text: return new FieldFault(pointer, "Write a text.");
            case LoadMemberKind.Pairs: return Pairs(draft, name, value, pointer);
            default: return Items(draft, name, value, pointer);
        }
    }

    private static FieldFault? Pairs(LoadDraft draft, string name, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object) return new FieldFault(pointer, "Write an object of names and texts.");
        foreach (var pair in value.EnumerateObject())
        {
            if (!pair.Value.TryText(out var text)) return new FieldFault($"{pointer}/{JsonPointer.Escape(JsonFault.Shown(pair.Name))}", "Write a text.");
            draft.Add(name, $"{pair.Name}={text}");
        }

        return null;
    }

    private static FieldFault? Items(LoadDraft draft, string name, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array) return new FieldFault(pointer, "Write an array.");
        foreach (var (i, item) in value.EnumerateArray().Index())
        {
            if (TextOf(Kinds[name], item) is { } text) draft.Add(name, text);
            else return new FieldFault($"{pointer}/{i}", Kinds[name] switch
            {
                LoadMemberKind.Stages => "Write a stage such as {\"duration\": \"30s\", \"target\": 100}.",
                LoadMemberKind.Thresholds => "Write a threshold such as \"http_req_duration:p(95)<200\", or {\"threshold\": \"…\", \"abortOnFail\": true, \"delayAbort\": \"10s\"}.",
                _ => "Write a text.",
            });
        }

        return null;
    }

    private static string? TextOf(LoadMemberKind kind, JsonElement item) => kind switch
    {
        LoadMemberKind.Stages => Stage(item),
        LoadMemberKind.Thresholds when item.ValueKind == JsonValueKind.Object => Threshold(item),
        _ => item.TryText(out var text) && text.Trim().Length > 0 ? text : null,
    };

    private static string? Stage(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.EnumerateObject().Count() == 2
        && item.TryGetProperty("duration", out var duration) && duration.TryText(out var text) && item.TryGetProperty("target", out var target) && target.ValueKind == JsonValueKind.Number
            ? $"{text}:{target.GetRawText()}"
            : null;

    private static string? Threshold(JsonElement item)
    {
        if (!item.TryGetProperty("threshold", out var condition) || !condition.TryText(out var text)) return null;
        if (item.EnumerateObject().Any(static member => member.Name is not ("threshold" or "abortOnFail" or "delayAbort"))) return null;
        if (!item.TryGetProperty("abortOnFail", out var aborts) || aborts.ValueKind == JsonValueKind.False) return text;
        if (aborts.ValueKind != JsonValueKind.True) return null;
        if (!item.TryGetProperty("delayAbort", out var delay)) return $"{text} abort";
        return delay.TryText(out var after) ? $"{text} abort after {after}" : null;
    }
}
