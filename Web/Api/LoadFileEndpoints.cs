using System.Buffers;
using System.Text;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Api;

/// <summary>The reports of load tests as files: HTML, JSON, Locust's CSV files, the percentile log.</summary>
internal sealed class LoadFileEndpoints(FrontDoors doors)
{
    private static readonly StringValues NoStore = "no-store";

    public void Map(ApiMap api)
    {
        foreach (var file in LoadFile.All)
        {
            api.Get($"/load/runs/{{id}}/{file.Name}", Scope.Read, (context, _) => WriteAsync(context, file), new ApiDoc(file.Id, "Load", file.Summary)
            {
                Answers = [(200, "File")],
                Produces = file.Type.Split(';')[0],
            });
        }
    }

    private async Task WriteAsync(HttpContext context, LoadFile file)
    {
        if (!LoadEndpoints.TryId(context, out var id) || await doors.Load.ReportAsync(id, context.RequestAborted) is not { } report)
        {
            await Problems.WriteAsync(context, LoadEndpoints.NoSuchRun(context));
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(file.Write(report));
        var response = context.Response;
        response.Headers.CacheControl = NoStore;
        if (file.ContentPolicy is { } policy) response.Headers.ContentSecurityPolicy = policy;
        response.ContentType = file.Type;
        response.ContentLength = bytes.Length;
        response.BodyWriter.Write(bytes);
    }
}
