using System.Text.Json;
using System.Text.Json.Serialization;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Queries;

namespace Shop;

public sealed record Order(int Year, string Article);

/// <summary>An order and the job that follows from it, stored together or not at all.</summary>
public static class Orders
{
    private static readonly EntityKind<Order> Kind = new("Order", ShopJson.Default.Order);

    public static async Task<IResult> PlaceAsync(string id, Order order, IData data, CancellationToken ct)
    {
        var job = await data.TransactAsync(async tx =>
        {
            await tx.PutAsync(Kind, id, order);
            return tx.Submit(new Submission
            {
                Namespace = tx.Namespace, Task = "report", Tags = [id],
                Args = JsonSerializer.SerializeToUtf8Bytes(new ReportArgs(order.Year), ShopJson.Default.ReportArgs),
            });
        }, ct: ct);
        return Results.Accepted($"/perf/api/v1/jobs/{job}", job.ToString());
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Order)), JsonSerializable(typeof(ReportArgs))]
internal sealed partial class ShopJson : JsonSerializerContext;
