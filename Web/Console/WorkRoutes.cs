using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Pages;
using ActorPerf.Web.Console.Pages.LoadTests;

namespace ActorPerf.Web.Console;

/// <summary>The addresses of work: jobs, operations on many of them, workflows, schedules, webhooks; and of what operators did.</summary>
internal static class WorkRoutes
{
    /// <summary>First segments below which an unknown address is the console's to answer.</summary>
    public static readonly string[] Sections = ["jobs/{id}", "operations/{id}", "workflows/{id}", "schedules/{name}", "webhooks/{name}", "audit"];

    public static void Map(ConsoleRoutes routes)
    {
        MapJobs(routes);
        MapWorkflows(routes);
        MapSchedules(routes);
        MapWebhooks(routes);
        LoadRoutes.Map(routes);
        routes.Get("audit", Right.Admin, AuditHandler.ShowAsync);
        routes.Get("audit/export.{format}", Right.Admin, AuditHandler.SaveAsync);
        routes.Get("queues/export.{format}", Right.Read, ListsExportHandler.QueuesAsync);
        routes.Get("queues/keys/export.{format}", Right.Read, ListsExportHandler.LimitKeysAsync);
        routes.Get("cluster/export.{format}", Right.Read, ListsExportHandler.MembersAsync);
        routes.Get("cache/export.{format}", Right.Read, ListsExportHandler.EntriesAsync);
        routes.Get("cache/tasks/export.{format}", Right.Read, ListsExportHandler.CacheTasksAsync);
        routes.Get("data/kinds/export.{format}", Right.Read, ListsExportHandler.KindsAsync);
        routes.Get("data/export.{format}", Right.Read, ListsExportHandler.EntitiesAsync);
        routes.Get("console/palette", Right.Read, PaletteHandler.FindAsync);
    }

    private static void MapJobs(ConsoleRoutes routes)
    {
        routes.Get("jobs", Right.Read, JobsHandler.ShowAsync);
        routes.Get("jobs/complete", Right.Read, JobsHandler.CompleteAsync);
        routes.Get("jobs/export.{format}", Right.Read, JobsExportHandler.SaveAsync);
        routes.Get("jobs/bulk", Right.Operate, JobsBulkHandler.AskAsync);
        routes.Post("jobs/bulk", Right.Operate, JobsBulkHandler.DoAsync);
        routes.Post("jobs/views", Right.Operate, JobsViewHandler.SaveAsync);
        routes.Post("jobs/views/delete", Right.Operate, JobsViewHandler.ForgetAsync);
        routes.Get("jobs/{id}", Right.Read, JobHandler.ShowAsync);
        routes.Get("jobs/{id}/args.json", Right.Read, JobHandler.ArgsAsync);
        routes.Get("jobs/{id}/result.json", Right.Read, JobHandler.ResultAsync);
        routes.Post("jobs/{id}/cancel", Right.Operate, JobActHandler.CancelAsync);
        routes.Post("jobs/{id}/run-now", Right.Operate, JobActHandler.RunNowAsync);
        routes.Post("jobs/{id}/rerun", Right.Operate, JobActHandler.RerunAsync);
        routes.Post("jobs/{id}/edit", Right.Operate, JobActHandler.EditAsync);
        routes.Post("jobs/{id}/delete", Right.Operate, JobActHandler.DeleteAsync);
        routes.Get("operations", Right.Read, OperationHandler.ListAsync);
        routes.Get("operations/export.{format}", Right.Read, OperationHandler.SaveAsync);
        routes.Get("operations/{id}", Right.Read, OperationHandler.ShowAsync);
        routes.Post("operations/{id}/cancel", Right.Operate, OperationHandler.CancelAsync);
    }

    private static void MapWorkflows(ConsoleRoutes routes)
    {
        routes.Get("workflows", Right.Read, WorkflowHandler.ListAsync);
        routes.Get("workflows/export.{format}", Right.Read, WorkflowHandler.SaveAsync);
        routes.Get("workflows/{id}", Right.Read, WorkflowHandler.ShowAsync);
        routes.Post("workflows/{id}/cancel", Right.Operate, WorkflowHandler.CancelAsync);
        routes.Post("workflows/{id}/rerun", Right.Operate, WorkflowHandler.RerunAsync);
    }

    private static void MapSchedules(ConsoleRoutes routes)
    {
        routes.Get("schedules", Right.Read, ScheduleHandler.ListAsync);
        routes.Get("schedules/export.{format}", Right.Read, ScheduleHandler.SaveAsync);
        routes.Get("schedules/{name}", Right.Read, ScheduleHandler.ShowAsync);
        routes.Get("console/schedule-preview", Right.Read, ScheduleHandler.PreviewAsync);
        routes.Post("schedules", Right.Operate, ScheduleActHandler.PutAsync);
        routes.Post("schedules/{name}/pause", Right.Operate, ScheduleActHandler.PauseAsync);
        routes.Post("schedules/{name}/resume", Right.Operate, ScheduleActHandler.ResumeAsync);
        routes.Post("schedules/{name}/trigger", Right.Operate, ScheduleActHandler.TriggerAsync);
        routes.Post("schedules/{name}/delete", Right.Operate, ScheduleActHandler.DeleteAsync);
    }

    private static void MapWebhooks(ConsoleRoutes routes)
    {
        routes.Get("webhooks", Right.Operate, WebhookHandler.ListAsync);
        routes.Get("webhooks/export.{format}", Right.Operate, WebhookHandler.SaveAsync);
        routes.Get("webhooks/{name}", Right.Operate, WebhookHandler.ShowAsync);
        routes.Get("webhooks/{name}/deliveries.{format}", Right.Operate, WebhookHandler.SaveDeliveriesAsync);
        routes.Post("webhooks", Right.Operate, WebhookHandler.PutAsync);
        routes.Post("webhooks/{name}/test", Right.Operate, WebhookHandler.TestAsync);
        routes.Post("webhooks/{name}/rotate", Right.Operate, WebhookHandler.RotateAsync);
        routes.Post("webhooks/{name}/redeliver", Right.Operate, WebhookHandler.RedeliverAsync);
        routes.Post("webhooks/{name}/delete", Right.Operate, WebhookHandler.DeleteAsync);
    }
}
