namespace ActorPerf.Load.Figures;

/// <summary>Which of the two clocks a run is told by, where one of them must be chosen.</summary>
public static class LoadClock
{
    /// <summary>In a closed model what users met, sent to answered, as Locust tells it: its users come when they come. In an open model from the planned start, for whoever
    /// came by the plan waited since then.</summary>
    public static LoadTimes Times(this LoadPlan plan, LoadRow row)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(row);
        return plan.Model is LoadModel.Open ? row.Response : row.Service;
    }
}
