using System.Text;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The form that forgets, as it was sent.</summary>
/// <param name="What"><c>call</c>, <c>task</c>, <c>tag</c>, <c>namespace</c> or <c>everywhere</c>.</param>
public sealed record ForgetFields(string What, string Task, string Args, string Tag, bool Expire)
{
    private const int MaxTags = 50;

    /// <summary>What the form asks for, or what is wrong with it.</summary>
    public (Invalidation? What, string? Fault) Read(Namespace ns) => What switch
    {
        "call" when Task.Length == 0 => (null, "Name the task of the call."),
        "call" when !IsJson(Args) => (null, "The arguments are not JSON. Write them as they were sent, such as {\"n\": 12}."),
        "call" => (new Invalidation(ns, Task, Encoding.UTF8.GetBytes(Args)) { Expire = Expire }, null),
        "task" when Task.Length == 0 => (null, "Name the task."),
        "task" => (new Invalidation(ns, Task) { Expire = Expire }, null),
        "tag" when Tags is not { Count: > 0 and <= MaxTags } => (null, $"Name 1 to {MaxTags} tags, with commas between them."),
        "tag" => (new Invalidation(ns, Tags: Tags) { Expire = Expire }, null),
        "namespace" => (new Invalidation(ns, All: true) { Expire = Expire }, null),
        "everywhere" => (new Invalidation(ns) { Everywhere = true, Expire = Expire }, null),
        _ => (null, "Say what to forget: a call, a task, tags, the namespace or everything."),
    };

    public IReadOnlyList<string> Tags => Tag.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Everything of everybody is an administrator's who is bound to no namespace.</summary>
    public bool IsAllowedTo(ConsoleRights rights) => What != "everywhere" || rights.MayForAll(Right.Admin);

    private static bool IsJson(string text)
    {
        try
        {
            using var _ = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Says what will be forgotten before it is.</summary>
/// <param name="Fields">Sent again with the button.</param>
/// <param name="Entries">About how many entries this node holds of it; null where only forgetting counts them.</param>
public sealed record ForgetModel(ForgetFields Fields, Namespace Namespace, long? Entries)
{
    public string Title => Fields.Expire ? "Let these grow stale?" : "Forget these?";

    public string Subject => Fields.What switch
    {
        "call" => $"The result of task {Fields.Task} for the arguments {Fields.Args} in namespace {Namespace}.",
        "task" => $"Every result of task {Fields.Task} in namespace {Namespace}.",
        "tag" => $"Every result in namespace {Namespace} with {(Fields.Tags.Count == 1 ? "the tag" : "any of the tags")} {string.Join(", ", Fields.Tags)}.",
        "namespace" => $"Every result in namespace {Namespace}.",
        _ => "Every result of every namespace.",
    };

    public string Consequence => Fields.Expire
        ? "They go on answering where their computation fails; every other call computes again."
        : "Nobody sees them again: the next call of each computes. A computation that began before does not count as fresh afterwards.";
}
