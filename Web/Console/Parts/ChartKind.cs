using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Parts;

public enum ChartKind
{
    Area,
    Bars,
}

/// <summary>A chart's live values: the same paths that Chart.razor writes.</summary>
public static class ChartLive
{
    public static void Add(LiveValues values, string id, ChartKind kind, IReadOnlyList<double> points)
    {
        if (kind == ChartKind.Bars)
        {
            values[$"{id}-bars@d"] = ChartShape.Bars(points);
            return;
        }
        values[$"{id}-area@d"] = ChartShape.Area(points);
        values[$"{id}-line@d"] = ChartShape.Line(points);
    }
}
