using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A row by which it is seen that a transaction took place, and that no other could have written.</summary>
/// <remarks>The server's own word on a transaction's number is not enough: after a crash it gives out once more the numbers of transactions of which nothing had come to its disk, and then
/// answers for whoever has the number now.</remarks>
internal abstract record CommitProof
{
    private const string S = PostgresDialect.Schema;

    private CommitProof()
    {
    }

    public bool IsThere(NpgsqlConnection connection)
    {
        using var command = Question(connection);
        return command.ExecuteScalar() is not null;
    }

    protected abstract NpgsqlCommand Question(NpgsqlConnection connection);

    /// <summary>A row of the feed: numbers may come again, and the time with them never.</summary>
    public sealed record Line(long Seq, long Tx, long Origin, DateTimeOffset At) : CommitProof
    {
        protected override NpgsqlCommand Question(NpgsqlConnection connection) =>
            new NpgsqlCommand($"SELECT 1 FROM {S}.history WHERE seq = $1 AND tx = $2 AND origin = $3 AND at = $4", connection).Bind(Number(Seq), Number(Tx), Number(Origin), Time(At));
    }

    /// <summary>A row written for this alone.</summary>
    public sealed record Marker(Guid Id) : CommitProof
    {
        public static Marker Write(NpgsqlConnection connection)
        {
            var marker = new Marker(Guid.NewGuid());
            using var command = new NpgsqlCommand($"INSERT INTO {S}.entity_commit (namespace, marker, at) VALUES ('', $1, {PostgresTime.Now})", connection).Bind(PostgresValues.Id(marker.Id));
            command.ExecuteNonQuery();
            return marker;
        }

        protected override NpgsqlCommand Question(NpgsqlConnection connection) =>
            new NpgsqlCommand($"SELECT 1 FROM {S}.entity_commit WHERE namespace = '' AND marker = $1", connection).Bind(PostgresValues.Id(Id));
    }
}
