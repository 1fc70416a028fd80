namespace ActorPerf.Web.Console.Forms;

/// <summary>The first of each kind, ready to be copied: what a page shows as long as it has nothing to list.</summary>
internal static class FirstLines
{
    private static readonly byte[] Args = """{"n":12}"""u8.ToArray();

    public static IReadOnlyList<CallLine> Job(ConsoleView view) => CallLines.ForJob(view, "square", Args, new JobFields());

    public static IReadOnlyList<CallLine> Result(ConsoleView view) => CallLines.ForCompute(view, "square", Args);

    public static IReadOnlyList<CallLine> Schedule(ConsoleView view) => CallLines.ForPut(
        view, "schedules/nightly", """{"cron":"0 3 * * *","task":"square","args":{"n":12}}""", """actorperf schedule put nightly '0 3 * * *' square '{"n":12}'""");

    public static IReadOnlyList<CallLine> Webhook(ConsoleView view) => CallLines.ForPut(
        view, "webhooks/billing", """{"url":"https://example.com/hooks","q":"task:square"}""", "actorperf webhook put billing https://example.com/hooks --q task:square");

    public static IReadOnlyList<CallLine> Operation(ConsoleView view) => CallLines.ForPost(
        view, "operations", """{"action":"cancel","q":"state:queued task:square"}""", "actorperf operation run cancel --q 'state:queued task:square'");

    public static IReadOnlyList<CallLine> Entity(ConsoleView view) => CallLines.ForPut(
        view, "data/Account/ann", """{"name":"Ann","city":"Rome"}""", """actorperf data put Account ann '{"name":"Ann","city":"Rome"}'""");

    /// <summary>Made by the node itself, so there is no command: <c>actorperf load run</c> makes its load from its own process.</summary>
    public static IReadOnlyList<CallLine> LoadTest(ConsoleView view) => CallLines.ForPost(view, "load/runs", """{"scenario":"compute","model":{"users":20,"spawnRate":5},"runTime":"30s"}""", null);
}
