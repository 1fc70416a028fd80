using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;

namespace Shop;

/// <summary>A row of the shop's own table and the job that follows from it: one transaction in the node's SQLite file.</summary>
public static class Shipments
{
    public static async Task<IResult> ShipAsync(string id, ISqliteTransactions transactions, CancellationToken ct)
    {
        var report = new Submission
        {
            Namespace = Namespace.Default, Task = "report", Tags = [id],
            Args = JsonSerializer.SerializeToUtf8Bytes(new ReportArgs(2026), ShopJson.Default.ReportArgs),
        };
        var outcome = await transactions.InTransactionAsync(
            tx =>
            {
                tx.Execute("CREATE TABLE IF NOT EXISTS shop_shipment (id TEXT PRIMARY KEY)");
                tx.Execute("INSERT INTO shop_shipment (id) VALUES (?)", id);
            },
            [report], ct);
        return outcome is SqliteTransactionOutcome.Refused { Refusal: var refusal } ? Results.Problem(refusal.Detail, statusCode: 503) : Results.Accepted();
    }
}
