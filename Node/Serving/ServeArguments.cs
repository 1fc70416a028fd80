namespace ActorPerf.Node.Serving;

/// <summary>What a node is started with.</summary>
/// <param name="Arguments">Everything on the command line that configures the node, untouched and in order,
/// such as <c>--http:url http://127.0.0.1:9000</c>, <c>--config FILE</c>, <c>--nodes 3</c>.</param>
/// <param name="StartedAs">How a person starts this program again, such as <c>dotnet run --project Node --</c>; hints repeat it.</param>
public sealed record ServeArguments(IReadOnlyList<string> Arguments, string StartedAs);
