using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Console;

internal static class ConsoleEndpoints
{
    /// <summary>Maps the console's pages.</summary>
    public static void Map(RouteGroupBuilder root)
    {
    }
}
