using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Load;

/// <summary>One request of a scenario of the configuration: filled in, sent, checked, and read for what later ones need.</summary>
internal sealed class TemplateStep
{
    private readonly LoadRequestOptions _options;
    private readonly LoadTemplate _path;
    private readonly LoadTemplate? _body;
    private readonly LoadTemplate? _contains;
    private readonly (string Name, LoadTemplate Value)[] _headers;
    private readonly (string Path, LoadTemplate Value)[] _json;
    private readonly LoadEscaping _bodyEscaping;
    private readonly byte[]? _fixedBody;
    private readonly string _contentType;
    private readonly string _method;
    private readonly string _name;
    private readonly bool _looks;

    public TemplateStep(LoadRequestOptions options)
    {
        _options = options;
        _path = LoadTemplate.Parse(options.Path);
        _body = options.Body.Length > 0 ? LoadTemplate.Parse(options.Body) : null;
        _contains = options.Contains.Length > 0 ? LoadTemplate.Parse(options.Contains) : null;
        _headers = [.. options.Headers.Where(static header => !IsType(header.Key)).Select(static header => (header.Key, LoadTemplate.Parse(header.Value)))];
        _json = [.. options.Json.Select(static member => (member.Key, LoadTemplate.Parse(member.Value)))];
        _contentType = options.Headers.FirstOrDefault(static header => IsType(header.Key)).Value ?? "application/json";
        _bodyEscaping = _contentType.Contains("json", StringComparison.OrdinalIgnoreCase) ? LoadEscaping.Json : LoadEscaping.None;
        _fixedBody = _body is { IsFixed: true } ? Encoding.UTF8.GetBytes(options.Body) : null;
        _method = options.Method.Length > 0 ? options.Method : _body is null ? "GET" : "POST";
        _name = options.Name.Length > 0 ? options.Name : options.Path;
        _looks = options.Status.Count > 0 || _contains is not null || _json.Length > 0 || options.MaxTime is not null;
    }

    /// <summary>The names that its templates ask for.</summary>
    public IEnumerable<string> Names => new[] { _path, _body, _contains }.OfType<LoadTemplate>()
        .Concat(_headers.Select(static header => header.Value)).Concat(_json.Select(static member => member.Value)).SelectMany(static template => template.Names);

    /// <summary>Sends it; an answer that is not right ends the iteration, for what comes after it would be built on sand.</summary>
    /// <returns>Whether the answer was right.</returns>
    public async ValueTask<bool> RunAsync(LoadSession session, CancellationToken ct)
    {
        var request = new LoadRequest(_method, _path.Render(session, LoadEscaping.Url))
        {
            Name = _name,
            Body = _fixedBody ?? (_body is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(_body.Render(session, _bodyEscaping))),
            ContentType = _contentType,
            Headers = _headers.Length == 0 ? [] : [.. _headers.Select(header => KeyValuePair.Create(header.Name, header.Value.Render(session, LoadEscaping.None)))],
            Check = _looks ? response => Judge(session, response) : null,
        };
        var response = await session.SendAsync(request, ct).ConfigureAwait(false);
        var right = response.IsRight;
        if (right && _options.Extract.Count > 0) right = Extract(session, response);
        if (right && _options.Job) FinishedJobs.Count(session, response);
        if (_options.Think > TimeSpan.Zero) await session.PauseAsync(_options.Think, ct).ConfigureAwait(false);
        return right;
    }

    private static bool IsType(string header) => header.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);

    private string? Judge(LoadSession session, LoadResponse response)
    {
        var error = StatusFault(response) ?? (_options.MaxTime is { } most && response.Elapsed > most ? $"slower than {Tasks.Durations.Format(most)}" : null)
            ?? ContentFault(session, response);
        session.Check(error is null);
        return error;
    }

    private string? StatusFault(LoadResponse response) =>
        _options.Status.Count > 0 ? _options.Status.Contains(response.Status) ? null : Status(response) : response.Status is >= 200 and < 400 ? null : Status(response);

    private static string Status(LoadResponse response) => string.Create(CultureInfo.InvariantCulture, $"status {response.Status}");

    private string? ContentFault(LoadSession session, LoadResponse response)
    {
        if (_contains is not null && response.Body.Span.IndexOf(Encoding.UTF8.GetBytes(_contains.Render(session, LoadEscaping.None))) < 0) return $"does not hold '{_contains.Text}'";
        if (_json.Length == 0) return null;
        if (!TryParse(response, out var json)) return "is no JSON";
        using (json)
        {
            foreach (var (path, value) in _json)
                if (LoadJsonPath.Find(json!.RootElement, path) is not { } found || found != value.Render(session, LoadEscaping.None))
                    return $"{path} is not '{value.Text}'";
        }
        return null;
    }

    private bool Extract(LoadSession session, LoadResponse response)
    {
        if (!TryParse(response, out var json)) throw new FormatException($"The answer of {_name} is no JSON, and {string.Join(", ", _options.Extract.Keys)} should be extracted from it.");
        using (json)
        {
            foreach (var (variable, path) in _options.Extract)
                session.Variables[variable] = LoadJsonPath.Find(json!.RootElement, path) ?? throw new FormatException($"The answer of {_name} has no member '{path}', which should become {variable}.");
        }
        return true;
    }

    private static bool TryParse(LoadResponse response, out JsonDocument? json)
    {
        try
        {
            json = JsonDocument.Parse(response.Body);
            return true;
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }
}
