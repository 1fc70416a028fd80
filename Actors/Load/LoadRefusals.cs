using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>The refusals of load tests, each said in one place.</summary>
internal static class LoadRefusals
{
    private const string Conflict = "state-conflict";

    public static Refusal Invalid(IReadOnlyList<FieldFault> faults) =>
        new("invalid-request", faults.Count == 1 ? faults[0].Message : $"{faults.Count} members of the plan are wrong; the first: {faults[0].Message}") { Faults = faults };

    public static Refusal Busy(LoadProgress running) => new(Conflict,
        $"Load test {running.Id} of '{running.Plan.Scenario}' is under way, and two at once would measure each other. Wait for its end, or stop it.");

    public static Refusal Ended(LoadProgress run) => new(Conflict,
        $"Load test {run.Id} {(run.IsFinal ? "has ended" : "is ending")}: nothing of it can be changed. Start a new one.");

    public static Refusal Stopping { get; } = new("draining", "This process is stopping and starts no load test.");
}
