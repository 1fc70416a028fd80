using System.Runtime.CompilerServices;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary><see cref="ILoadTests"/> over its desk.</summary>
internal sealed class LoadService : ILoadTests
{
    /// <summary>A desk that is gone answers nobody.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LoadDeskParts _parts;
    private readonly IActorRef _desk;
    private readonly IReadOnlyList<string> _names;

    private LoadService(IReadOnlyList<LoadScenario> scenarios, LoadDeskParts parts, IActorRef desk)
    {
        (Scenarios, _parts, _desk) = (scenarios, parts, desk);
        _names = [.. scenarios.Select(static scenario => scenario.Name)];
    }

    public IReadOnlyList<LoadScenario> Scenarios { get; }

    public IReadOnlyList<LoadProgress> Runs => [.. _parts.Boards.All.Select(static board => board.Latest with { History = [] })];

    /// <summary>Starts the desk in a system.</summary>
    /// <param name="scenarios">Of several of one name the last counts.</param>
    public static LoadService Start(ActorSystem system, IEnumerable<LoadScenario> scenarios, LoadDeskParts parts)
    {
        var byName = new SortedDictionary<string, LoadScenario>(StringComparer.Ordinal);
        foreach (var scenario in scenarios) byName[scenario.Name] = scenario;
        return new LoadService([.. byName.Values], parts, system.ActorOf(Props.Create(() => new LoadDesk(parts)), "load"));
    }

    public Refusal? Check(LoadPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var scenario = Scenario(plan);
        List<FieldFault> faults = [.. LoadPlanCheck.Faults(plan, scenario, _names, _parts.Options)];
        if (scenario is not null)
            foreach (var name in plan.Variables.Keys.Where(name => !scenario.Variables.ContainsKey(name) && scenario.Source != LoadSource.Code))
                faults.Add(new($"/variables/{name}", $"'{scenario.Name}' has no variable '{name}'. It has {(scenario.Variables.Count == 0 ? "none" : string.Join(", ", scenario.Variables.Keys))}."));
        return faults.Count == 0 ? null : LoadRefusals.Invalid(faults);
    }

    public async ValueTask<LoadOutcome> StartAsync(LoadPlan plan, CancellationToken ct)
    {
        if (Check(plan) is { } refusal) return new LoadOutcome.Refused(refusal);
        var scenario = Scenario(plan)!;
        var tables = new Dictionary<string, LoadRows>(StringComparer.Ordinal);
        foreach (var (name, file) in scenario.Data)
        {
            try
            {
                tables[name] = await LoadRows.ReadAsync(file, ct);
            }
            catch (Exception fault) when (fault is IOException or FormatException or UnauthorizedAccessException)
            {
                return new LoadOutcome.Refused(LoadRefusals.Invalid([new("/scenario", $"The file of '{name}' cannot be used: {fault.Message} Mend actorperf.load.scenarios.{scenario.Name}.data.{name}.")]));
            }
        }
        return await AskAsync(reply => new LoadCommand.Start(plan, scenario, tables, reply), ct) ?? new LoadOutcome.Refused(LoadRefusals.Stopping);
    }

    public LoadProgress? Find(Guid id) => _parts.Boards.Find(id)?.Latest;

    public LoadResult? Result(Guid id) => _parts.Boards.Find(id)?.Result;

    public async IAsyncEnumerable<LoadProgress> FollowAsync(Guid id, [EnumeratorCancellation] CancellationToken ct)
    {
        if (_parts.Boards.Find(id) is not { } board) yield break;
        while (true)
        {
            var next = board.NextAsync();
            var latest = board.Latest;
            yield return latest;
            if (latest.IsFinal) yield break;
            await next.WaitAsync(ct);
        }
    }

    public ValueTask<LoadOutcome?> StopAsync(Guid id, CancellationToken ct) => AskAsync(reply => new LoadCommand.Stop(id, reply), ct);

    public async ValueTask<LoadOutcome?> EditAsync(Guid id, LoadEdit edit, CancellationToken ct)
    {
        if (Find(id) is not { } run) return null;
        var faults = LoadPlanCheck.Faults(edit, run.Plan, _parts.Options);
        return faults.Count > 0 ? new LoadOutcome.Refused(LoadRefusals.Invalid(faults)) : await AskAsync(reply => new LoadCommand.Edit(id, edit, reply), ct);
    }

    public ValueTask<LoadOutcome?> ResetAsync(Guid id, CancellationToken ct) => AskAsync(reply => new LoadCommand.Reset(id, reply), ct);

    private LoadScenario? Scenario(LoadPlan plan) => Scenarios.FirstOrDefault(scenario => scenario.Name == plan.Scenario);

    /// <returns>Null where the desk knows no such run, or is gone.</returns>
    private async ValueTask<LoadOutcome?> AskAsync(Func<TaskCompletionSource<LoadOutcome>, LoadCommand> command, CancellationToken ct)
    {
        var reply = new TaskCompletionSource<LoadOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _desk.Tell(command(reply), ActorRefs.NoSender);
        try
        {
            return await reply.Task.WaitAsync(Patience, _parts.Time, ct);
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
