using System.CommandLine;
using System.CommandLine.Help;

namespace ActorPerf.Node.Commands;

/// <summary>All commands.</summary>
internal static class Root
{
    public static RootCommand Create(GlobalOptions globals)
    {
        var program = globals.Shell.StartedAs;
        var root = new RootCommand(
            $"""
            ActorPerf makes slow pages fast. Without a command it serves a node.

            Exit codes: 0 done, 1 the node answered with an error, 2 usage, 3 cannot connect, 4 not found, 5 timed out,
            74 file fault, 78 configuration, 99 a threshold of a load test does not hold, 130 interrupted.

            Examples:
              {program}
              {program} compute square '{"{"}"n": 12{"}"}'
              {program} job list --state failed -o json
            """)
        {
            Serve.Create(globals), Compute.Create(globals), Submit.Create(globals), Verify.Create(globals),
            Backup.Create(globals), Health.Create(globals), Version.Create(globals),
            Palette("job", "Looks at jobs, waits for them, stops them, changes them, runs them again.",
                JobList.Create(globals), JobShow.Create(globals), JobCancel.Create(globals), JobWait.Create(globals), JobTail.Create(globals),
                JobRunNow.Create(globals), JobEdit.Create(globals), JobRerun.Create(globals), JobDelete.Create(globals)),
            Palette("workflow", "Submits graphs of jobs, looks at them, stops them.",
                WorkflowSubmit.Create(globals), WorkflowShape.Chain(globals), WorkflowShape.Group(globals), WorkflowShape.Chord(globals),
                WorkflowShow.Create(globals), WorkflowList.Create(globals), WorkflowChange.Cancel(globals), WorkflowChange.Rerun(globals)),
            Palette("operation", "Acts on every job that matches a search.",
                OperationRun.Create(globals), OperationShow.Create(globals), OperationShow.CreateList(globals), OperationShow.CreateCancel(globals)),
            Palette("audit", "Shows what operators did.", AuditList.Create(globals)),
            Palette("queue", "Looks at queues, pauses and limits them.",
                QueueList.Create(globals), QueueShow.Create(globals), QueuePause.Create(globals), QueueResume.Create(globals), QueueSet.Create(globals), QueueReset.Create(globals)),
            Palette("limit", "Looks at limit keys.", LimitList.Create(globals)),
            Palette("schedule", "Looks at schedules and changes them.",
                ScheduleList.Create(globals), ScheduleShow.Create(globals), SchedulePut.Create(globals), ScheduleDelete.Create(globals), ScheduleTrigger.Create(globals),
                SchedulePreview.Create(globals), SchedulePause.CreatePause(globals), SchedulePause.CreateResume(globals)),
            Palette("webhook", "Looks at webhooks and changes them.",
                WebhookList.Create(globals), WebhookShow.Create(globals), WebhookPut.Create(globals), WebhookDelete.Create(globals), WebhookTest.Create(globals), WebhookRotate.Create(globals),
                WebhookDeliveries.Create(globals), WebhookRedeliver.Create(globals)),
            Palette("cache", "Looks at remembered results and forgets them.",
                CacheShow.Create(globals), CacheEntries.Create(globals), CacheInvalidate.Create(globals)),
            Palette("data", "Looks at entities and changes them.",
                DataList.Create(globals), DataGet.Create(globals), DataPut.Create(globals), DataDelete.Create(globals), DataQuery.Create(globals), DataCount.Create(globals)),
            Palette("load", "Makes load and tells what it took.", LoadRun.Create(globals), LoadList.Create(globals), LoadShow.Create(globals), LoadStop.Create(globals)),
            Palette("demo", "Shows what batching saves.", DemoLoad.Create(globals)),
            Palette("cluster", "Looks at the nodes, has them leave, declares them dead.",
                ClusterShow.Create(globals), ClusterStatus.Create(globals), ClusterLeader.Create(globals), ClusterLeave.Create(globals), ClusterDown.Create(globals),
                ClusterDownUnreachable.Create(globals), ClusterTail.Create(globals)),
            Palette("trace", "Looks at where the time of requests and jobs went.", TraceList.Create(globals), TraceShow.Create(globals), TraceStats.Create(globals), TraceReset.Create(globals)),
            Palette("actor", "Looks at a node's actors.", ActorSystemShow.Create(globals), ActorHierarchy.Create(globals)),
            Palette("log", "Looks at a node's log and says how much is written.", LogPeek.Create(globals), LogTail.Create(globals), LogLevel.Create(globals)),
            Palette("key", "Makes and lists the keys of a node's configuration.", KeyNew.Create(globals), KeyList.Create(globals), KeyRevoke.Create(globals)),
        };
        foreach (var option in globals.All)
        {
            option.Recursive = true;
            root.Options.Add(option);
        }
        foreach (var option in root.Options.OfType<HelpOption>())
            if (option.Action is HelpAction usual) option.Action = new ExplainingHelp(usual);
        foreach (var option in root.Options.OfType<VersionOption>()) option.Action = new PrintVersion();
        return root;
    }

    private static Command Palette(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var palette = new Command(name, description);
        foreach (var command in commands) palette.Subcommands.Add(command);
        return palette;
    }

    private sealed class PrintVersion : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Short);
            return ExitCodes.Done;
        }
    }
}
