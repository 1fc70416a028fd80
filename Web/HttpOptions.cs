using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Web;

/// <summary>How a node serves HTTP: <c>actorperf.http</c> in the configuration (API.md, section 7).</summary>
public sealed class HttpOptions
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Where the node listens; several are separated by <c>;</c>. Default <c>http://127.0.0.1:8080</c>. An address that is not loopback needs a key.</summary>
    [ConfigurationKeyName("url")]
    public string Url { get; set; } = DefaultUrl;

    /// <summary>Names by which the node may be called besides the loopback names and that of <see cref="Url"/>: <c>name</c> (any port) or <c>name:port</c>. At most 100.</summary>
    [ConfigurationKeyName("hosts")]
    public IList<string> Hosts { get; set; } = [];

    /// <summary>Where others find the node, when that is not <see cref="Url"/>: such as <c>https://jobs.example.com/actorperf</c> behind a proxy, or the published port of a container. Members know it by this address
    /// (commands with <c>--all</c> go there), and webhooks say where a result is. Empty: the first of <see cref="Url"/>, all interfaces being told as this machine, with <see cref="PathBase"/>; a port of 0 cannot be told.</summary>
    [ConfigurationKeyName("public-url")]
    public string PublicUrl { get; set; } = "";

    /// <summary>Pages that may use the API from a browser, as origins: <c>https://dash.example.com</c>. No wildcard. At most 100.</summary>
    [ConfigurationKeyName("cors-origins")]
    public IList<string> CorsOrigins { get; set; } = [];

    /// <summary>Path under which a proxy mounts the node, such as <c>/actorperf</c>; empty for none.</summary>
    [ConfigurationKeyName("path-base")]
    public string PathBase { get; set; } = "";

    [ConfigurationKeyName("auth")]
    public AuthOptions Auth { get; set; } = new();

    [ConfigurationKeyName("limits")]
    public HttpLimits Limits { get; set; } = new();

    /// <summary>What is wrong with these settings, the relations between them included; empty when the node may start.</summary>
    public IReadOnlyList<SettingFault> Check() => HttpOptionsCheck.Run(this);

    internal void CopyTo(HttpOptions other)
    {
        other.Url = Url;
        other.Hosts = Hosts;
        other.PublicUrl = PublicUrl;
        other.CorsOrigins = CorsOrigins;
        other.PathBase = PathBase;
        other.Auth = Auth;
        other.Limits = Limits;
    }
}

/// <summary>Who may call. Without any key the node serves the loopback interface only, and everything is allowed there.</summary>
public sealed class AuthOptions
{
    /// <summary>Keys by name. A running node reads them anew within seconds of a change to its configuration's files.</summary>
    [ConfigurationKeyName("keys")]
    public IDictionary<string, KeyOptions> Keys { get; set; } = new Dictionary<string, KeyOptions>(StringComparer.Ordinal);

    /// <summary>A file of further keys, one a line: <c>NAME sha256:HEX [scopes=read,submit] [namespaces=default]</c> (docs/formats/keys-file.md).
    /// Read anew within a second of a change. Null or empty for none.</summary>
    [ConfigurationKeyName("keys-file")]
    public string? KeysFile { get; set; }
}

/// <summary>One key: its hash and what it may do.</summary>
public sealed class KeyOptions
{
    /// <summary><c>sha256:</c> and 64 hexadecimal digits: the SHA-256 of the key's text. The key itself is kept nowhere.</summary>
    [ConfigurationKeyName("hash")]
    public string Hash { get; set; } = "";

    /// <summary>Of <c>read</c>, <c>submit</c>, <c>operate</c>, <c>admin</c>. Default <c>read</c>. <c>operate</c> includes read and submit, <c>admin</c> everything.</summary>
    [ConfigurationKeyName("scopes")]
    public IList<string> Scopes { get; set; } = [];

    /// <summary>The only namespaces that the key may name; empty: all.</summary>
    [ConfigurationKeyName("namespaces")]
    public IList<string> Namespaces { get; set; } = [];
}

/// <summary>How much one request may bring, in bytes unless said otherwise.</summary>
public sealed class HttpLimits
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;

    /// <summary>Arguments of one job or computation. Default 256 KiB; 1 KiB to 16 MiB.</summary>
    [ConfigurationKeyName("args"), ByteSize, Range(KiB, 16 * MiB)]
    public long Args { get; set; } = 256 * KiB;

    /// <summary>A body that holds an array. Default 16 MiB; 64 KiB to 256 MiB.</summary>
    [ConfigurationKeyName("array-body"), ByteSize, Range(64 * KiB, 256 * MiB)]
    public long ArrayBody { get; set; } = 16 * MiB;

    /// <summary>A streamed body. Default 256 MiB; 64 KiB to 1 TiB.</summary>
    [ConfigurationKeyName("stream-body"), ByteSize, Range(64 * KiB, 1024 * 1024 * MiB)]
    public long StreamBody { get; set; } = 256 * MiB;

    /// <summary>Levels of nesting in a JSON body. Default 32; 4 to 64.</summary>
    [ConfigurationKeyName("depth"), Range(4, 64)]
    public int Depth { get; set; } = 32;

    /// <summary>Event streams open at once for one namespace. Default 200; 1 to 10,000.</summary>
    [ConfigurationKeyName("streams"), Range(1, 10_000)]
    public int Streams { get; set; } = 200;
}

/// <summary>A setting that cannot stand.</summary>
/// <param name="Setting">Its path below <c>actorperf</c>, such as <c>http.url</c>.</param>
/// <param name="Message">What is wrong with it and what to write instead.</param>
public readonly record struct SettingFault(string Setting, string Message);
