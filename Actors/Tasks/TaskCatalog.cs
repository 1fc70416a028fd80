using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ActorPerf.Tasks.Commands;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tasks;

/// <summary>The tasks of a node, fixed at its start.</summary>
public sealed class TaskCatalog : ITaskCatalog
{
    private readonly FrozenDictionary<string, TaskDescriptor> _byName;

    /// <exception cref="TaskSetupException">Two tasks have the same name.</exception>
    public TaskCatalog(IEnumerable<TaskDescriptor> tasks)
    {
        All = [.. tasks.OrderBy(task => task.Name, StringComparer.Ordinal)];
        for (var i = 1; i < All.Count; i++)
            if (All[i - 1].Name == All[i].Name)
                throw new TaskSetupException($"Two tasks are named '{All[i].Name}'; rename one of them in its [ComputeTask] attribute.");
        _byName = All.ToFrozenDictionary(task => task.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<TaskDescriptor> All { get; }

    /// <summary>Describes what discovery found, as the configuration overrides it.</summary>
    /// <param name="options">By task name.</param>
    /// <param name="nodeDuration">How long results of tasks are remembered that are memoised without saying how long.</param>
    /// <param name="commands">Runs the tasks that are commands; null: the configuration has none.</param>
    /// <exception cref="TaskSetupException">Two tasks have the same name, a task cannot be set up, or the configuration names a task that is not there.</exception>
    public static TaskCatalog Create(
        IEnumerable<TaskRegistration> registrations, IReadOnlyDictionary<string, TaskOptions> options, IServiceScopeFactory scopes, TimeSpan? nodeDuration = null,
        CommandHost? commands = null)
    {
        var found = new Dictionary<string, TaskRegistration>(StringComparer.Ordinal);
        foreach (var registration in registrations)
        {
            // The same class may come twice, when two parts of an application add the same assembly.
            if (found.TryAdd(registration.Attribute.Name, registration) || found[registration.Attribute.Name].TaskType == registration.TaskType) continue;
            throw new TaskSetupException(
                $"Two tasks are named '{registration.Attribute.Name}': {found[registration.Attribute.Name].TaskType.FullName} and {registration.TaskType.FullName}. Rename one of them in its [ComputeTask] attribute.");
        }
        var described = found.Values.Select(registration => registration.Describe(options.GetValueOrDefault(registration.Attribute.Name), scopes, nodeDuration)).ToList();
        foreach (var (name, settings) in options)
            if (settings.Command is not { } command) Expect(name, found.Keys);
            else if (found.TryGetValue(name, out var taken))
                throw new TaskSetupException($"actorperf.tasks.{name} has a command, and '{name}' is the task of class {taken.TaskType.FullName} already. Give one of them another name.");
            else described.Add(CommandTask.Describe(name, settings, command, commands ?? throw new InvalidOperationException("A task that is a command needs a host."), nodeDuration));
        return new TaskCatalog(described);
    }

    private static void Expect(string name, IReadOnlyCollection<string> known)
    {
        if (known.Contains(name)) return;
        throw new TaskSetupException(
            $"actorperf.tasks.{name} names no task of this node{Hint(name, known)} Tasks: {string.Join(", ", known.Order(StringComparer.Ordinal))}. To make it a task of its own, add command = [\"program\", \"argument\"].");
    }

    /// <summary>The same tasks; those named decide call by call whether they are remembered.</summary>
    public TaskCatalog With(IEnumerable<CallMemoization> memoizations)
    {
        var byTask = memoizations.ToDictionary(one => one.Task, one => one.Of, StringComparer.Ordinal);
        return new TaskCatalog(All.Select(task => byTask.TryGetValue(task.Name, out var of) ? task with { MemoizeCall = of } : task));
    }

    public bool TryGet(string name, [NotNullWhen(true)] out TaskDescriptor? task) => _byName.TryGetValue(name, out task);

    public Refusal Unknown(string name) => new(
        "unknown-task", $"No task is named '{(name.Length > 64 ? name[..64] + "…" : name)}'{Hint(name, _byName.Values.Where(static task => !task.Internal).Select(static task => task.Name))} GET /api/v1/tasks lists all of them.");

    private static string Hint(string name, IEnumerable<string> known) =>
        TaskNames.Nearest(name, known) is { } nearest ? $"; did you mean '{nearest}'?" : ".";
}
