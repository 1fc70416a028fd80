using ActorPerf.Kernel;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The actors by class; nothing where the actor system does not tell.</summary>
internal static class ActorFigures
{
    public static IEnumerable<MetricFamily> Of(IActorInspector inspector, RisingTotals rising)
    {
        var types = inspector.ByType();
        yield return MetricFamily.Gauges("actorperf_actors", "Living actors.", types.Select(static one => Point(one, one.Actors)));
        yield return MetricFamily.Gauges("actorperf_actor_mailbox_depth", "Messages that wait in mailboxes.", types.Select(static one => Point(one, one.Mailbox)));
        yield return Totals("actorperf_actor_messages_total", "Messages that actors handled.", static one => one.Processed);
        yield return MetricFamily.Counters("actorperf_actor_restarts_total", "Times an actor's instance was replaced after a failure.", Restarts(inspector.Restarts(), types));
        if (inspector.DeadLetters is { } letters) yield return MetricFamily.Counter("actorperf_dead_letters_total", "Messages that reached nobody.", letters);

        MetricFamily Totals(string name, string help, Func<ActorTypeFigures, double> number) =>
            MetricFamily.Counters(name, help, types.Select(one => Point(one, rising.Of(name, one.Type, number(one)))));
    }

    /// <summary>A class that never failed has its zero, so that the first failure is seen as a rise.</summary>
    private static IEnumerable<MetricPoint> Restarts(IReadOnlyList<ActorRestarts> restarts, IReadOnlyList<ActorTypeFigures> types) =>
        types.Where(type => restarts.All(one => one.Type != type.Type)).Select(static type => MetricPoint.Of(0, ("actor_type", type.Type), ("exception", "")))
            .Concat(restarts.Select(static one => MetricPoint.Of(one.Count, ("actor_type", one.Type), ("exception", one.Failure))));

    private static MetricPoint Point(ActorTypeFigures one, double value) => MetricPoint.Of(value, ("actor_type", one.Type));
}
