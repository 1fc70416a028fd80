namespace ActorPerf.Kernel;

/// <summary>One phase of a shutdown.</summary>
/// <param name="Name">As in the configuration.</param>
/// <param name="DependsOn">Phases that come before.</param>
/// <param name="Timeout">How long its tasks are waited for.</param>
/// <param name="Recover">Whether the shutdown goes on when a task fails or takes too long.</param>
/// <param name="Enabled">Whether its tasks run at all.</param>
internal sealed record ShutdownPhase(string Name, IReadOnlyList<string> DependsOn, TimeSpan Timeout, bool Recover, bool Enabled);

/// <summary>What <c>akka.coordinated-shutdown</c> says: Akka's phases, changed and added to.</summary>
internal sealed class ShutdownPhases
{
    private const string Section = "akka.coordinated-shutdown";

    /// <summary>Each depends on the one before.</summary>
    private static readonly string[] Reference =
    [
        CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseServiceUnbind, CoordinatedShutdown.PhaseServiceRequestsDone,
        CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseBeforeClusterShutdown, CoordinatedShutdown.PhaseClusterShardingShutdownRegion,
        CoordinatedShutdown.PhaseClusterLeave, CoordinatedShutdown.PhaseClusterExiting, CoordinatedShutdown.PhaseClusterExitingDone,
        CoordinatedShutdown.PhaseClusterShutdown, CoordinatedShutdown.PhaseBeforeActorSystemTerminate, CoordinatedShutdown.PhaseActorSystemTerminate,
    ];

    private readonly Config _config;
    private readonly Dictionary<string, ShutdownPhase> _phases;

    /// <exception cref="ConfigurationException">A setting that is not known or cannot be kept, or phases that depend on each other in a circle.</exception>
    public ShutdownPhases(Config config)
    {
        _config = config;
        var section = config.GetConfig(Section);
        RefuseUnknown(section);
        TerminateActorSystem = config.GetBoolean($"{Section}.terminate-actor-system", true);
        RunByActorSystemTerminate = config.GetBoolean($"{Section}.run-by-actor-system-terminate", true);
        if (RunByActorSystemTerminate && !TerminateActorSystem)
        {
            throw new ConfigurationException(
                $"{Section}.terminate-actor-system is off while {Section}.run-by-actor-system-terminate is on: Terminate() would never end. Turn both off, or neither.");
        }
        _phases = Names(section.GetConfig("phases")).Distinct().Select(Read).ToDictionary(phase => phase.Name);
        Ordered = Sort();
    }

    public IReadOnlyList<ShutdownPhase> Ordered { get; }

    /// <summary>Whether the last phase stops the actors.</summary>
    public bool TerminateActorSystem { get; }

    /// <summary>Whether <see cref="ActorSystem.Terminate"/> runs the phases, or stops the actors alone.</summary>
    public bool RunByActorSystemTerminate { get; }

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public ShutdownPhase Find(string name) => _phases.GetValueOrDefault(name)
        ?? throw new ArgumentException($"Unknown phase '{name}'. Use one of: {string.Join(", ", Ordered.Select(phase => phase.Name))}.", nameof(name));

    /// <summary>Added ones first: what nobody waits for comes before the actors stop, unless it says otherwise.</summary>
    private static IEnumerable<string> Names(Config configured)
    {
        foreach (var (path, _) in configured.AsPairs())
        {
            var name = path.Split('.')[0];
            yield return name;
            foreach (var other in configured.GetStringList($"{name}.depends-on")) yield return other;
        }
        foreach (var name in Reference) yield return name;
    }

    private ShutdownPhase Read(string name)
    {
        var (path, place) = ($"{Section}.phases.{name}", Array.IndexOf(Reference, name));
        IReadOnlyList<string> before = place > 0 ? [Reference[place - 1]] : [];
        if (_config.HasPath($"{path}.depends-on")) before = [.. _config.GetStringList($"{path}.depends-on")];
        return new ShutdownPhase(name, before, ReadTimeout(name, path), _config.GetBoolean($"{path}.recover", true), _config.GetBoolean($"{path}.enabled", true));
    }

    private TimeSpan ReadTimeout(string name, string path)
    {
        var longer = name is CoordinatedShutdown.PhaseClusterShardingShutdownRegion or CoordinatedShutdown.PhaseClusterExiting
            or CoordinatedShutdown.PhaseActorSystemTerminate;
        var unset = longer ? TimeSpan.FromSeconds(10) : _config.GetTimeSpan($"{Section}.default-phase-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        return _config.GetTimeSpan($"{path}.timeout", unset, allowInfinite: false);
    }

    private List<ShutdownPhase> Sort()
    {
        var (order, open) = (new List<ShutdownPhase>(), new HashSet<string>());
        foreach (var phase in _phases.Values) Visit(phase);
        return order;

        void Visit(ShutdownPhase phase)
        {
            if (order.Contains(phase)) return;
            if (!open.Add(phase.Name)) throw new ConfigurationException($"{Section}.phases: {phase.Name} depends on itself, by way of {string.Join(", ", open)}.");
            foreach (var name in phase.DependsOn) Visit(_phases[name]);
            order.Add(phase);
        }
    }

    private static void RefuseUnknown(Config section)
    {
        var unknown = section.AsPairs().Where(pair => !IsKnown(pair.Key, pair.Value)).Select(pair => $"{Section}.{pair.Key}").ToArray();
        if (unknown.Length == 0) return;
        throw new ConfigurationException($"{string.Join(", ", unknown)}: the kernel cannot keep to that. It knows default-phase-timeout, terminate-actor-system, "
            + "run-by-actor-system-terminate, and of each of the phases depends-on, timeout, recover, enabled; others need a build with AkkaPackages=true.");
    }

    private static bool IsKnown(string path, string? value) => path.Split('.') switch
    {
        ["default-phase-timeout" or "terminate-actor-system" or "run-by-actor-system-terminate"] => true,
        ["exit-clr" or "run-by-clr-shutdown-hook"] => value is "off" or "false" or "no",
        ["phases", _, "depends-on" or "timeout" or "recover" or "enabled"] => true,
        ["phases", _, "depends-on", _] => true,
        _ => false,
    };
}
