using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;
using Npgsql;

[assembly: AssemblyFixture(typeof(ActorPerf.Tests.Storage.PostgreSql.PostgresServer.Lifetime))]

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>A PostgreSQL server of the test run's own, on a free loopback port. The shared one is started when the first test asks, and stopped with the run;
/// nobody ends it in the midst of anything, so it does not sync. One's own does.</summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => Task.Run(() => Make(syncs: false)));
    private static readonly Lazy<Task<string>> Template = new(() => Task.Run(MakeTemplateAsync));
    private static int _databases;

    private readonly string _folder;
    private readonly string _user;
    private readonly int _port;
    private readonly bool _syncs;

    private PostgresServer(string folder, string user, int port, bool syncs) => (_folder, _user, _port, _syncs) = (folder, user, port, syncs);

    /// <summary>Why a test that needs the server is skipped; null where it runs.</summary>
    public static string? SkipReason => FullRun.SkipReason
        ?? Programs.PostgresMissing;

    /// <summary>The connection string of a new, empty database.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        return await (await Shared.Value).CreateDatabaseAsync();
    }

    /// <summary>The connection string of a new database of the shared server, with the tables as they are made for a node: a copy of one that was made once.</summary>
    public static async Task<string> NewMigratedAsync()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        return await (await Shared.Value).CreateDatabaseAsync(await Template.Value);
    }

    /// <summary>A server for one who restarts it, or has it refuse others; dispose it.</summary>
    public static Task<PostgresServer> StartOwnAsync()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        return Task.Run(() => Make(syncs: true));
    }

    /// <summary>The connection string of a new, empty database of this server.</summary>
    public async Task<string> CreateDatabaseAsync(string template = "template0")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Starts it again after <see cref="Stop"/>. Pools of tests that have ended keep their last connections for minutes, so it takes many.</summary>
    public void Start()
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync={(_syncs ? "on" : "off")} -c max_connections=300");
        RunAsUser("pg_ctl", ["-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-t", "60", "-o", options, "start"]);
    }

    /// <param name="mode">Of <c>pg_ctl stop</c>: <c>fast</c> rolls back what is under way, <c>immediate</c> leaves it to the recovery of the next start.</param>
    public void Stop(string mode) => RunAsUser("pg_ctl", ["-D", Data, "-m", mode, "-w", "stop"]);

    /// <summary>Ends the server's first process as a power cut would; those of its connections end by themselves.</summary>
    public async Task KillAsync()
    {
        using var server = Process.GetProcessById(int.Parse((await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0], CultureInfo.InvariantCulture));
        server.Kill();
        await server.WaitForExitAsync();
    }

    /// <summary>A folder with what the server has, as of now, while it is stopped.</summary>
    public string Copy()
    {
        var copy = Path.Combine(_folder, $"copy{Interlocked.Increment(ref _databases)}");
        Run("cp", ["-a", Data, copy]);
        return copy;
    }

    /// <summary>Gives the stopped server the files of a <see cref="Copy"/>.</summary>
    public void Restore(string copy)
    {
        Directory.Delete(Data, recursive: true);
        Directory.Move(copy, Data);
    }

    public void Dispose() => Stop();

    /// <summary>Runs a program of the server's, such as <c>pg_dump</c>, on a database of it.</summary>
    public static async Task RunAsync(string program, string connectionString, string[] arguments)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(Find(program)) { RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["PGHOST"] = settings.Host;
        start.Environment["PGPORT"] = settings.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = settings.Username;
        start.Environment["PGDATABASE"] = settings.Database;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {errors}");
    }

    /// <summary>Beside <c>initdb</c>, or where a link to it leads: some put a few of the programs on PATH, and the others nowhere.</summary>
    private static string Find(string program)
    {
        var beside = Path.Combine(Programs.PostgresFolder!, program);
        if (File.Exists(beside)) return beside;
        var target = new FileInfo(Path.Combine(Programs.PostgresFolder!, "initdb")).ResolveLinkTarget(returnFinalTarget: true);
        var behind = Path.Combine(Path.GetDirectoryName(target?.FullName) ?? "", program);
        return File.Exists(behind) ? behind : Programs.Find(program) ?? beside;
    }

    private string ConnectionString(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username={_user};Database={database};Maximum Pool Size=20;Timeout=15;Command Timeout=30");

    private static PostgresServer Make(bool syncs)
    {
        var folder = Directory.CreateTempSubdirectory("actorperf-pg-").FullName;
        // PostgreSQL refuses to run as root.
        var user = Environment.UserName == "root" ? "postgres" : Environment.UserName;
        var server = new PostgresServer(folder, user, LoopbackPort.Free(), syncs);
        if (Environment.UserName == "root") Run("chown", ["-R", user, folder]);
        server.RunAsUser("initdb", ["-D", server.Data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Stop();
        server.Start();
        return server;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var database = await (await Shared.Value).CreateDatabaseAsync();
        (await PostgresStores.OpenAsync(database)).Dispose();
        // A database that somebody is connected to cannot be copied.
        await using (var connection = new NpgsqlConnection(database)) NpgsqlConnection.ClearPool(connection);
        return new NpgsqlConnectionStringBuilder(database).Database!;
    }

    private string Data => Path.Combine(_folder, "data");

    private void Stop()
    {
        if (!Directory.Exists(_folder)) return;
        try
        {
            if (File.Exists(Path.Combine(Data, "postmaster.pid"))) RunAsUser("pg_ctl", ["-D", Data, "-m", "immediate", "-w", "stop"]);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void RunAsUser(string program, string[] arguments)
    {
        var path = Path.Combine(Programs.PostgresFolder!, program);
        if (Environment.UserName == _user) Run(path, arguments);
        else Run("setpriv", ["--reuid", _user, "--regid", _user, "--clear-groups", path, .. arguments]);
    }

    private static void Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }

    /// <summary>Stops the server with the test run.</summary>
    public sealed class Lifetime : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (!Shared.IsValueCreated) return;
            NpgsqlConnection.ClearAllPools();
            (await Shared.Value).Stop();
        }
    }
}
