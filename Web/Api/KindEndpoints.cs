using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>What kinds there are, and how the node's pipelines do.</summary>
internal sealed class KindEndpoints(FrontDoors doors)
{
    public void Map(ApiMap api) => api.Get("/data", Scope.Read, ListAsync, new ApiDoc("listKinds", DataRoutes.Group, "The kinds with their sizes; statements, batch sizes and waits of this node.")
    {
        Answers = [(200, "Kinds")],
    });

    private async Task ListAsync(HttpContext context, Namespace ns)
    {
        if (Query.Of(context.Request).Refusal is { } unknown)
        {
            await Problems.WriteAsync(context, unknown);
            return;
        }
        var kinds = await doors.Data.KindsAsync(context.RequestAborted);
        var statistics = doors.Data.Statistics;
        await DataAnswers.ItemsAsync(context, kinds, static (json, kind) =>
        {
            json.WriteStartObject();
            json.WriteString(N.Kind, kind.Kind);
            json.WriteNumber(N.Entities, kind.Entities);
            json.WriteNumber(N.Bytes, kind.Bytes);
            json.WriteEndObject();
        }, json =>
        {
            json.WriteNull(N.Next);
            json.WritePropertyName(N.Reads);
            Write(json, statistics.Reads);
            json.WritePropertyName(N.Writes);
            Write(json, statistics.Writes);
            json.WriteStartObject(N.Lookups);
            foreach (var (kind, pipeline) in statistics.Lookups)
            {
                json.WritePropertyName(kind);
                Write(json, pipeline);
            }
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, PipelineSnapshot pipeline)
    {
        json.WriteStartObject();
        json.WriteNumber(N.Calls, pipeline.Calls);
        json.WriteNumber(N.Joined, pipeline.Joined);
        json.WriteNumber(N.Statements, pipeline.Statements);
        json.WriteNumber(N.Retries, pipeline.Retries);
        json.WriteNumber(N.Failed, pipeline.Failed);
        json.WriteNumber(N.Queued, pipeline.Queued);
        json.WriteNumber(N.UnderWay, pipeline.UnderWay);
        json.WriteNumber(N.MeanBatch, Math.Round(pipeline.MeanBatch, 2));
        json.WriteStartArray(N.BatchSizes);
        for (var i = 0; i < pipeline.BatchSizes.Count; i++)
        {
            if (pipeline.BatchSizes[i] == 0) continue;
            json.WriteStartObject();
            json.WriteNumber(N.UpTo, 1L << i);
            json.WriteNumber(N.Count, pipeline.BatchSizes[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray(N.Waits);
        for (var i = 0; i < pipeline.Waits.Count; i++)
        {
            if (pipeline.Waits[i] == 0) continue;
            json.WriteStartObject();
            json.WriteSeconds(N.UpTo, TimeSpan.FromMicroseconds(1L << i));
            json.WriteNumber(N.Count, pipeline.Waits[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
