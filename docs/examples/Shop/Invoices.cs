using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;
using Npgsql;

namespace Shop;

/// <summary>A row of the shop's own table and the job that follows from it: one transaction in the node's PostgreSQL database.</summary>
public static class Invoices
{
    public static async Task<IResult> InvoiceAsync(string id, decimal total, IPostgresTransactions transactions, CancellationToken ct)
    {
        var report = new Submission
        {
            Namespace = Namespace.Default, Task = "report", Tags = [id],
            Args = JsonSerializer.SerializeToUtf8Bytes(new ReportArgs(2026), ShopJson.Default.ReportArgs),
        };
        var outcome = await transactions.InTransactionAsync(
            async (connection, token) =>
            {
                await using var insert = new NpgsqlCommand("INSERT INTO shop_invoice (id, total) VALUES ($1, $2)", connection) { Parameters = { new() { Value = id }, new() { Value = total } } };
                await insert.ExecuteNonQueryAsync(token);
            },
            [report], ct);
        return outcome is PostgresTransactionOutcome.Refused { Refusal: var refusal } ? Results.Problem(refusal.Detail, statusCode: 503) : Results.Accepted();
    }
}
