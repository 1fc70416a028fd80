using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What goes through one queue, and what holds it back?</summary>
public sealed record QueueModel(QueueLine Line)
{
    /// <summary>The limits form as it was typed, or as the limits are.</summary>
    public required QueueFields Fields { get; init; }

    /// <summary>What is wrong, by field; "" for what concerns none.</summary>
    public IReadOnlyDictionary<string, string> Faults { get; init; } = new Dictionary<string, string>();

    /// <summary>The limits were just changed.</summary>
    public bool Saved { get; init; }

    public string Shape => Shapes.Of(Line.Shape);

    public ChartModel Traffic => ChartModel.Timed("traffic", ChartKind.Line, "Jobs in and out, per second", ChartUnit.PerSecond, Line.Until,
        new ChartSeries("submitted", Line.Flow.In, "2"), new ChartSeries("ended", Line.Flow.Out));

    public LiveState Live()
    {
        var values = new LiveValues();
        Line.AddTo(values);
        Traffic.AddTo(values);
        return new LiveState { Shape = Shape, Values = values };
    }
}
