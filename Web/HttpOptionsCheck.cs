using System.ComponentModel.DataAnnotations;
using System.Reflection;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Web;

/// <summary>Checks <see cref="HttpOptions"/> member by member, then the relations between them.</summary>
internal static class HttpOptionsCheck
{
    private const int MaxNames = 100;

    public static IReadOnlyList<SettingFault> Run(HttpOptions options)
    {
        var faults = new List<SettingFault>();
        Urls(options, faults);
        Hosts(options, faults);
        PublicUrl(options, faults);
        Origins(options, faults);
        PathBase(options, faults);
        foreach (var (name, key) in options.Auth.Keys) Key(name, key, faults);
        KeysFile(options.Auth.KeysFile, faults);
        Limits(options.Limits, faults);
        return faults;
    }

    private static void Urls(HttpOptions options, List<SettingFault> faults)
    {
        var urls = ListenUrl.Split(options.Url);
        if (urls.Count == 0) faults.Add(new("http.url", "No address to listen on. Write one such as http://127.0.0.1:8080."));
        var hasKeys = options.Auth.Keys.Count > 0 || !string.IsNullOrEmpty(options.Auth.KeysFile);
        foreach (var text in urls)
        {
            if (!ListenUrl.TryParse(text, out var url))
                faults.Add(new("http.url", $"'{text}' is no address to listen on. Write one such as http://127.0.0.1:8080."));
            else if (!url.IsLoopback && !hasKeys)
                faults.Add(new("http.url", $"'{text}' can be reached from other machines, and no key is configured. "
                    + "Make one with 'actorperf key new NAME' and put its line under http.auth.keys, or listen on http://127.0.0.1:8080."));
        }
    }

    private static void Hosts(HttpOptions options, List<SettingFault> faults)
    {
        if (options.Hosts.Count > MaxNames) faults.Add(new("http.hosts", $"{options.Hosts.Count} names; at most {MaxNames}."));
        foreach (var host in options.Hosts)
            if (!HostCheck.IsHostName(host))
                faults.Add(new("http.hosts", $"'{host}' is no host name. Write a name such as jobs.example.com, or jobs.example.com:8080."));
    }

    private static void PublicUrl(HttpOptions options, List<SettingFault> faults)
    {
        if (options.PublicUrl.Length == 0) return;
        if (!Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            faults.Add(new("http.public-url", $"'{options.PublicUrl}' is no address of a node. Write one such as https://jobs.example.com, without a query or a user."));
    }

    private static void Origins(HttpOptions options, List<SettingFault> faults)
    {
        if (options.CorsOrigins.Count > MaxNames) faults.Add(new("http.cors-origins", $"{options.CorsOrigins.Count} origins; at most {MaxNames}."));
        foreach (var origin in options.CorsOrigins)
            if (!Cors.IsOrigin(origin))
                faults.Add(new("http.cors-origins", $"'{origin}' is no origin. Write scheme, host and port and nothing behind, such as https://dash.example.com; there is no wildcard."));
    }

    private static void PathBase(HttpOptions options, List<SettingFault> faults)
    {
        var path = options.PathBase;
        if (path.Length == 0) return;
        if (path[0] != '/' || path[^1] == '/' || path.AsSpan().ContainsAnyExcept(PathCharacters))
            faults.Add(new("http.path-base", $"'{path}' is no path base. Begin with '/', do not end with it, and use letters, digits, '-', '_', '.' and '/'."));
    }

    private static readonly System.Buffers.SearchValues<char> PathCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

    private static void Key(string name, KeyOptions key, List<SettingFault> faults)
    {
        var at = $"http.auth.keys.{name}";
        if (!ApiKey.TryParseHash(key.Hash, out _))
            faults.Add(new($"{at}.hash", "A hash is 'sha256:' and 64 hexadecimal digits. 'actorperf key new NAME' prints the line to put here."));
        foreach (var scope in key.Scopes)
            if (!Scopes.TryParse(scope, out _))
                faults.Add(new($"{at}.scopes", $"'{scope}' is no scope. Use read, submit, operate or admin."));
        foreach (var ns in key.Namespaces)
            if (!Namespace.TryParse(ns, out _))
                faults.Add(new($"{at}.namespaces", $"'{ns}' is no namespace. Use 1 to {Namespace.MaxLength} of a-z 0-9 . _ -, beginning with a letter or digit."));
    }

    private static void KeysFile(string? path, List<SettingFault> faults)
    {
        if (string.IsNullOrEmpty(path)) return;
        foreach (var fault in Security.KeysFile.Read(path).Faults) faults.Add(new("http.auth.keys-file", fault));
    }

    private static void Limits(HttpLimits limits, List<SettingFault> faults)
    {
        foreach (var property in typeof(HttpLimits).GetProperties())
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            var value = property.GetValue(limits);
            if (range is null || range.IsValid(value)) continue;
            var name = property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;
            faults.Add(new($"http.limits.{name}", $"{value} is outside {range.Minimum} to {range.Maximum}."));
        }
        if (limits.Args > limits.ArrayBody)
            faults.Add(new("http.limits.args", $"Arguments of {limits.Args} bytes would not fit into a body of {limits.ArrayBody} bytes. Raise http.limits.array-body or lower this."));
    }
}
