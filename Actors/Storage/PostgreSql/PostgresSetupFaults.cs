using System.Net.Sockets;
using ActorPerf.Storage.Sql;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Why a database cannot be used, for the person who starts the node: what happened, and what to do. Never the connection string, which holds a password.</summary>
internal static class PostgresSetupFaults
{
    private const string Setting = "actorperf.storage.connection-string";

    /// <summary>Null where it is nothing of the set-up.</summary>
    public static string? Explain(Exception exception, NpgsqlConnectionStringBuilder settings)
    {
        var where = PostgresSettings.Describe(settings);
        return exception switch
        {
            PostgresException server => $"{where} cannot be used: {server.MessageText}. {Advice(server.SqlState, settings)}",
            NpgsqlException { InnerException: SocketException socket } => $"{where} does not answer: {socket.Message}. Check that the server runs and listens there, and {Setting}.",
            NpgsqlException { InnerException: TimeoutException } or TimeoutException =>
                $"{where} does not answer in time. Check that the server runs, that nothing on the way drops its packets, and {Setting}.",
            NpgsqlException => $"{where} cannot be used: {exception.Message}. Check {Setting}.",
            _ => null,
        };
    }

    private static string Advice(string state, NpgsqlConnectionStringBuilder settings)
    {
        var (user, database) = (settings.Username, settings.Database ?? settings.Username);
        return state switch
        {
            PostgresErrorCodes.InvalidPassword => $"Check Password of user '{user}' in {Setting}; \"${{?DATABASE_URL}}\" there reads it from the environment.",
            PostgresErrorCodes.InvalidAuthorizationSpecification => $"Check Username ('{user}') in {Setting}, and that the server's pg_hba.conf lets it in from this machine.",
            PostgresErrorCodes.InvalidCatalogName => $"Create it: CREATE DATABASE \"{database}\" ENCODING 'UTF8'; or name another in {Setting}.",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"User '{user}' must own the schema {PostgresDialect.Schema}, or be able to create it: GRANT CREATE ON DATABASE \"{database}\" TO \"{user}\"; "
                + $"or, as an administrator: CREATE SCHEMA {PostgresDialect.Schema} AUTHORIZATION \"{user}\".",
            PostgresErrorCodes.TooManyConnections => $"Raise max_connections of the server, or lower \"Maximum Pool Size\" in {Setting}.",
            PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server starts or stops; start the node again in a moment.",
            PostgresErrorCodes.ReadOnlySqlTransaction => $"The server takes no writes: name the primary in {Setting}.",
            _ => $"Check {Setting}.",
        };
    }
}
