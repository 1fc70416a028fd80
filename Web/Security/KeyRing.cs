using System.Security.Cryptography;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorPerf.Web.Security;

/// <summary>The keys that count right now. Follows the configuration, and the keys file within a second of its change.</summary>
/// <remarks>Whether keys are needed at all is decided at start: a node that had keys never opens because its last one was taken out.</remarks>
public sealed class KeyRing : IDisposable
{
    private static readonly TimeSpan FileCheck = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger<KeyRing> _log;
    private readonly IDisposable? _subscription;
    private readonly string? _file;
    private readonly bool _openAtStart;
    private AuthOptions _options;
    private string? _fileText;
    private long _nextFileCheck;
    private volatile Entry[] _entries = [];

    private readonly record struct Entry(byte[] Hash, Caller Caller);

    public KeyRing(IOptionsMonitor<HttpOptions> options, TimeProvider time, ILogger<KeyRing> log)
    {
        _time = time;
        _log = log;
        _options = options.CurrentValue.Auth;
        _file = string.IsNullOrEmpty(_options.KeysFile) ? null : _options.KeysFile;
        _openAtStart = _file is null && _options.Keys.Count == 0;
        _fileText = ReadFile();
        _nextFileCheck = time.GetTimestamp();
        Rebuild();
        _subscription = options.OnChange(changed =>
        {
            _options = changed.Auth;
            Rebuild();
        });
    }

    /// <summary>Whether callers need no key: none was configured at start, and none has been since.</summary>
    public bool Open => _openAtStart && _entries.Length == 0;

    /// <summary>Whose key it is; null for a key that is not known. Takes the same time wherever the keys differ.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        FollowFile();
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        return ApiKey.TryHash(key, hash) ? Of(hash) : null;
    }

    /// <summary>The caller that a key with this hash (<see cref="ApiKey.Hash"/>) stands for now; null when no such key counts any more.</summary>
    public Caller? Hashed(string hash)
    {
        FollowFile();
        return ApiKey.TryParseHash(hash, out var known) ? Of(known) : null;
    }

    public void Dispose() => _subscription?.Dispose();

    private Caller? Of(ReadOnlySpan<byte> hash)
    {
        Caller? found = null;
        foreach (var entry in _entries)
            if (CryptographicOperations.FixedTimeEquals(entry.Hash, hash)) found = entry.Caller;
        return found;
    }

    /// <summary>Compares contents and not times: a secret mounted through links keeps its links' times.</summary>
    private void FollowFile()
    {
        if (_file is null) return;
        var due = Interlocked.Read(ref _nextFileCheck);
        var now = _time.GetTimestamp();
        if (now < due || Interlocked.CompareExchange(ref _nextFileCheck, now + (long)(FileCheck.TotalSeconds * _time.TimestampFrequency), due) != due) return;
        var text = ReadFile();
        if (text is null || text == _fileText) return;     // while the file is away the last good keys stand
        _fileText = text;
        Rebuild();
    }

    private string? ReadFile()
    {
        if (_file is null) return null;
        try
        {
            return File.ReadAllText(_file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _log.KeysFileUnreadable(_file, fault.Message);
            return null;
        }
    }

    private void Rebuild()
    {
        var entries = new List<Entry>();
        foreach (var (name, key) in _options.Keys) Add(entries, name, key);
        if (_fileText is not null)
        {
            var file = KeysFile.Parse(_fileText);
            foreach (var fault in file.Faults) _log.KeysFileFault(_file ?? "", fault);
            foreach (var (name, key) in file.Keys) Add(entries, name, key);
        }
        _entries = [.. entries];
    }

    private void Add(List<Entry> entries, string name, KeyOptions key)
    {
        if (!ApiKey.TryParseHash(key.Hash, out var hash))
        {
            _log.KeyIgnored(name);
            return;
        }
        var scopes = key.Scopes.Count == 0 ? Scope.Read : Scope.None;
        foreach (var word in key.Scopes)
            if (Scopes.TryParse(word, out var scope)) scopes |= scope;
        entries.Add(new Entry(hash, new Caller(name, scopes, Spaces(key))));
    }

    private static HashSet<Namespace>? Spaces(KeyOptions key)
    {
        if (key.Namespaces.Count == 0) return null;
        var spaces = new HashSet<Namespace>();
        foreach (var name in key.Namespaces)
            if (Namespace.TryParse(name, out var ns)) spaces.Add(ns);
        return spaces;                                       // all faulty: empty, so nothing is allowed rather than everything
    }
}
