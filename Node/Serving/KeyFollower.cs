using System.Security.Cryptography;
using ActorPerf.Configuration;
using ActorPerf.Web;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Node.Serving;

/// <summary>Follows the keys that stand in the configuration itself: reads its files again when they change, and of them the keys alone.</summary>
/// <remarks>Compares contents and not times: a file mounted through links keeps its links' times. What cannot be read, and a first file that is empty or no plain file, changes nothing;
/// other settings hold from the next start.</remarks>
internal sealed class KeyFollower(NodeSettings settings, IReadOnlyList<string> arguments, TimeProvider time, ILogger<KeyFollower> log)
    : BackgroundService, IConfigureOptions<HttpOptions>, IOptionsChangeTokenSource<HttpOptions>
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private IReadOnlyList<string> _files = settings.Files;
    private string? _seen;                                   // null until the first look, which reads: the file may have changed since the start
    private volatile AuthOptions _auth = settings.Http.Auth;
    private ConfigurationReloadToken _changed = new();

    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => _changed;

    public void Configure(HttpOptions options) => options.Auth = _auth;

    /// <summary>Looks whether the files have changed, and reads the keys where they have.</summary>
    internal void Look()
    {
        if (Digest() is not { } digest || digest == _seen) return;
        var first = _seen is null;
        _seen = digest;
        try
        {
            (_auth, _files) = NodeSettings.ReadKeys(arguments);
        }
        catch (Exception fault) when (fault is HoconException or ConfigurationFaultException)
        {
            log.KeysNotFollowed(fault.Message);
            return;
        }
        if (!first) log.KeysFollowed(_auth.Keys.Count);
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pace = new PeriodicTimer(Pace, time);
        while (await pace.WaitForNextTickAsync(stoppingToken)) Look();
    }

    /// <summary>Of what stands in the files; null where the first one has nothing to read.</summary>
    private string? Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            for (var i = 0; i < _files.Count; i++)
            {
                var bytes = Read(_files[i]);
                if (i == 0 && bytes.Length == 0) return null;
                hash.AppendData(BitConverter.GetBytes(bytes.Length));
                hash.AppendData(bytes);
            }
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException)
        {
            return null;                                     // it is being replaced, or mounted; the next look finds it
        }
        return _files.Count == 0 ? null : Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A pipe has no length, and reading it would wait for ever.</summary>
    private static byte[] Read(string path)
    {
        if (!File.Exists(path)) return [];
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return file is { Exists: true, Length: > 0 and <= HoconLimits.MaxFileBytes } ? File.ReadAllBytes(file.FullName) : [];
    }
}

internal static class KeyFollowing
{
    /// <summary>Behind <see cref="WebSetup.AddActorPerfWeb"/>, whose keys it replaces as they change.</summary>
    public static void AddKeyFollower(this IServiceCollection services, NodeSettings settings, IReadOnlyList<string> arguments)
    {
        services.AddSingleton(provider => new KeyFollower(settings, arguments, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KeyFollower>>()));
        services.AddSingleton<IConfigureOptions<HttpOptions>>(static provider => provider.GetRequiredService<KeyFollower>());
        services.AddSingleton<IOptionsChangeTokenSource<HttpOptions>>(static provider => provider.GetRequiredService<KeyFollower>());
        services.AddHostedService(static provider => provider.GetRequiredService<KeyFollower>());
    }
}
