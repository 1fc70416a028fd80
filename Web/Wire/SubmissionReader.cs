using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of <c>POST /jobs</c> (or a line of a batch) by hand: one pass, nothing built but the submission, the arguments kept to the byte.</summary>
/// <remarks>Names that are unknown or there twice, wrong types and values out of range are told together, each with its pointer; a text that is no JSON
/// is told with its position.</remarks>
internal sealed partial class SubmissionReader(HttpOptions options, TimeProvider time)
{
    private const int MaxFaults = 20;
    private readonly JsonReaderOptions _json = new() { MaxDepth = options.Limits.Depth };
    private readonly long _maxArgs = options.Limits.Args;

    /// <summary>Longest body of one submission: the arguments and room for the rest.</summary>
    public long MaxBody { get; } = options.Limits.Args + 64 * 1024;

    /// <param name="body">One JSON object, UTF-8.</param>
    public bool TryRead(
        ReadOnlySpan<byte> body, Namespace ns, string? traceParent, [NotNullWhen(true)] out Submission? submission, [NotNullWhen(false)] out Refusal? refusal)
    {
        submission = null;
        if (!Utf8.IsValid(body))
        {
            refusal = new Refusal("invalid-json", "The body is not UTF-8. Send JSON in UTF-8.");
            return false;
        }
        var draft = new Draft(body, ns, traceParent, time.GetUtcNow(), _maxArgs);
        try
        {
            refusal = draft.Read(new Utf8JsonReader(body, _json), out submission);
        }
        catch (JsonException fault)
        {
            refusal = JsonFault.From(fault);
        }
        return refusal is null;
    }

    /// <summary>What has been read so far.</summary>
    private ref partial struct Draft(ReadOnlySpan<byte> body, Namespace ns, string? traceParent, DateTimeOffset now, long maxArgs)
    {
        private readonly ReadOnlySpan<byte> _body = body;
        private SubmissionMember _seen;
        private List<FieldFault>? _faults;
        private Refusal? _tooLarge;

        private string? _task;
        private byte[]? _args;
        private JobId? _id;
        private string? _queue;
        private int _priority = 5;
        private DateTimeOffset? _runAt;
        private TimeSpan? _delay;
        private TimeSpan? _expiresIn;
        private TimeSpan? _timeout;
        private int? _maxAttempts;
        private BackoffPolicy? _backoff;
        private IReadOnlyList<string> _tags = [];
        private byte[]? _meta;
        private string? _uniqueKey;
        private UniquePolicy _uniquePolicy;
        private UniqueUntil _uniqueUntil;
        private string? _limitKey;
        private IReadOnlyList<JobDependency> _dependsOn = [];
        private string? _callback;

        public Refusal? Read(Utf8JsonReader reader, out Submission? submission)
        {
            submission = null;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return Refusal.Invalid("invalid-json", "The body is to be one JSON object, such as {\"task\": \"square\", \"args\": {\"n\": 12}}.", new FieldFault("", "Not an object."));
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) Read(ref reader);
            reader.Read();                                   // whatever stands behind the object is a fault that the reader reports

            if (_task is null && _faults?.Exists(static fault => fault.Pointer == "/task") != true) Fault("/task", "The name of a task is needed; GET /api/v1/tasks lists them.");
            if (_runAt is not null && _delay is not null) Fault("/delay", "Say either runAt or delay, not both.");
            if (_faults is not null) return JsonFault.Members(_faults);
            if (_tooLarge is not null) return _tooLarge;
            submission = Build();
            return null;
        }

        private readonly Submission Build()
        {
            var submission = new Submission
            {
                Namespace = ns,
                Task = _task!,
                Args = _args ?? Empty,
                Id = _id,
                Queue = _queue,
                Priority = _priority,
                RunAt = _runAt,
                Delay = _delay,
                ExpiresIn = _expiresIn,
                Timeout = _timeout,
                MaxAttempts = _maxAttempts,
                Backoff = _backoff,
                Tags = _tags,
                Meta = _meta,
                UniqueKey = _uniqueKey,
                UniquePolicy = _uniquePolicy,
                UniqueUntil = _uniqueUntil,
                LimitKey = _limitKey,
                DependsOn = _dependsOn,
                Callback = _callback,
                TraceParent = traceParent,
            };
            return submission with { Digest = SubmissionDigest.Of(submission) };
        }

        private void Read(ref Utf8JsonReader reader)
        {
            var member = SubmissionMembers.Of(ref reader);
            if (member == SubmissionMember.None)
            {
                var name = JsonFault.Name(ref reader);
                var unknown = "/" + JsonPointer.Escape(name);
                Fault(unknown, SubmissionMembers.Unknown(name));
                reader.Read();
                Skip(ref reader, unknown);
                return;
            }
            var pointer = SubmissionMembers.Pointer(member);
            if ((_seen & member) != 0) Fault(pointer, "The member is there twice.");
            _seen |= member;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) return;         // null means: as if it were not there
            Value(ref reader, member, pointer);
        }

        private void Value(ref Utf8JsonReader reader, SubmissionMember member, string pointer)
        {
            switch (member)
            {
                case SubmissionMember.Task: _task = Name(ref reader, pointer, SubmissionRules.Task); break;
                case SubmissionMember.Args: _args = Args(ref reader, pointer); break;
                case SubmissionMember.Id: _id = Id(ref reader, pointer); break;
                case SubmissionMember.Queue: _queue = Name(ref reader, pointer, SubmissionRules.Queue); break;
                case SubmissionMember.Priority: _priority = Integer(ref reader, pointer, 0, 9) ?? 5; break;
                case SubmissionMember.RunAt: _runAt = Time(ref reader, pointer); break;
                case SubmissionMember.Delay: _delay = Duration(ref reader, pointer, TimeSpan.Zero); break;
                case SubmissionMember.ExpiresIn: _expiresIn = Duration(ref reader, pointer, SubmissionRules.Shortest); break;
                case SubmissionMember.Timeout: _timeout = Duration(ref reader, pointer, SubmissionRules.Shortest); break;
                case SubmissionMember.MaxAttempts: _maxAttempts = Integer(ref reader, pointer, 1, 1000); break;
                case SubmissionMember.Backoff: _backoff = Backoff(ref reader); break;
                case SubmissionMember.Tags: _tags = Tags(ref reader); break;
                case SubmissionMember.Meta: _meta = Meta(ref reader, pointer); break;
                case SubmissionMember.UniqueKey: _uniqueKey = Name(ref reader, pointer, KeyRule.Fault); break;
                case SubmissionMember.UniquePolicy: _uniquePolicy = (UniquePolicy)Word(ref reader, pointer, Words.UniquePolicies); break;
                case SubmissionMember.UniqueUntil: _uniqueUntil = (UniqueUntil)Word(ref reader, pointer, Words.UniqueUntils); break;
                case SubmissionMember.LimitKey: _limitKey = Name(ref reader, pointer, KeyRule.Fault); break;
                case SubmissionMember.DependsOn: _dependsOn = Parents(ref reader); break;
                default: _callback = Name(ref reader, pointer, CallbackRule.Fault); break;
            }
        }

        private byte[]? Args(ref Utf8JsonReader reader, string pointer)
        {
            var start = (int)reader.TokenStartIndex;
            if (!Skip(ref reader, pointer)) return null;
            var length = (int)reader.BytesConsumed - start;
            if (length <= maxArgs) return _body.Slice(start, length).ToArray();
            _tooLarge = SubmissionRules.ArgsTooLarge(length, maxArgs);
            return null;
        }

        private byte[]? Meta(ref Utf8JsonReader reader, string pointer)
        {
            var start = (int)reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartObject) return Wrong<byte[]>(ref reader, pointer, "a JSON object");
            if (!Skip(ref reader, pointer)) return null;
            var text = _body[start..(int)reader.BytesConsumed];
            if (text.Length > SubmissionRules.MaxMeta) Fault(pointer, $"{text.Length} bytes; at most {SubmissionRules.MaxMeta}.");
            return text[1..^1].Trim(" \t\r\n"u8).IsEmpty ? null : text.ToArray();
        }

        private JobId? Id(ref Utf8JsonReader reader, string pointer)
        {
            if (Text(ref reader, pointer) is not { } text) return null;
            if (JobId.TryParse(text, out var id) && id.Value != Guid.Empty) return id;
            Fault(pointer, "An id is a UUID in lower case, such as 0199b3c2-7f1e-7a30-8c55-3d2f0a6b9e11.");
            return null;
        }

        private string? Name(ref Utf8JsonReader reader, string pointer, Func<string, string?> rule)
        {
            if (Text(ref reader, pointer) is not { } text) return null;
            if (rule(text) is not { } fault) return text;
            Fault(pointer, fault);
            return null;
        }

        private int? Integer(ref Utf8JsonReader reader, string pointer, int least, int most)
        {
            if (reader.TokenType != JsonTokenType.Number) return WrongValue<int>(ref reader, pointer, "a whole number");
            if (reader.TryGetInt32(out var value) && value >= least && value <= most) return value;
            Fault(pointer, $"{Number(ref reader)} is not taken here: write a whole number from {least} to {most}.");
            return null;
        }

        private DateTimeOffset? Time(ref Utf8JsonReader reader, string pointer)
        {
            if (Text(ref reader, pointer) is not { } text) return null;
            if (!WireTime.TryParse(text, out var at))
                Fault(pointer, $"'{JsonFault.Shown(text)}' is no time here: write one in RFC 3339 with its zone, in the years {WireTime.MinYear} to 9999, such as 2026-11-21T10:00:00Z.");
            else if (at - now > SubmissionRules.Longest)
                Fault(pointer, $"'{JsonFault.Shown(text)}' is more than 10 years ahead: write an earlier time.");
            else return at;
            return null;
        }

        private TimeSpan? Duration(ref Utf8JsonReader reader, string pointer, TimeSpan least)
        {
            if (Text(ref reader, pointer, "a duration such as \"5s\", as a text") is not { } text) return null;
            if (!Durations.TryParse(text, out var duration))
                Fault(pointer, SubmissionRules.NoDuration(text));
            else if (duration < least)
                Fault(pointer, $"'{JsonFault.Shown(text)}' is too short: at least {least.TotalMilliseconds:0} ms.");
            else if (duration > SubmissionRules.Longest)
                Fault(pointer, $"'{JsonFault.Shown(text)}' is too long: at most 10 years.");
            else return duration;
            return null;
        }

        private BackoffPolicy? Backoff(ref Utf8JsonReader reader)
        {
            const string pointer = "/backoff";
            if (reader.TokenType != JsonTokenType.StartObject) return WrongValue<BackoffPolicy>(ref reader, pointer, "an object {\"initial\", \"factor\", \"max\"}");
            var backoff = BackoffPolicy.Default;
            var seen = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonFault.Name(ref reader);
                var at = $"{pointer}/{JsonPointer.Escape(name)}";
                var bit = name switch { "initial" => 1, "factor" => 2, "max" => 4, _ => 0 };
                if (bit == 0) Fault(at, "No such member; there are initial, factor and max.");
                else if ((seen & bit) != 0) Fault(at, "The member is there twice.");
                seen |= bit;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null) continue;
                switch (bit)
                {
                    case 1: backoff = backoff with { Initial = Duration(ref reader, at, SubmissionRules.Shortest) ?? backoff.Initial }; break;
                    case 2: backoff = backoff with { Factor = Factor(ref reader, at) ?? backoff.Factor }; break;
                    case 4: backoff = backoff with { Max = Duration(ref reader, at, SubmissionRules.Shortest) ?? backoff.Max }; break;
                    default: Skip(ref reader, at); break;
                }
            }
            if (backoff.Max < backoff.Initial) Fault($"{pointer}/max", $"Below initial ({backoff.Initial.TotalSeconds:0.###} s).");
            return backoff;
        }

        private double? Factor(ref Utf8JsonReader reader, string pointer)
        {
            if (reader.TokenType != JsonTokenType.Number) return WrongValue<double>(ref reader, pointer, "a number");
            if (reader.TryGetDouble(out var value) && value is >= 1 and <= 100) return value;
            Fault(pointer, $"{Number(ref reader)} is not taken here: write a number from 1 to 100.");
            return null;
        }

        private List<string> Tags(ref Utf8JsonReader reader)
        {
            const string pointer = "/tags";
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                Wrong<string>(ref reader, pointer, "an array of texts");
                return [];
            }
            var tags = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var at = $"{pointer}/{tags.Count}";
                if (Text(ref reader, at) is not { } tag) tag = "";
                else if (SubmissionRules.Tag(tag) is { } fault) Fault(at, fault);
                else if (tags.Contains(tag)) Fault(at, "The tag is there twice.");
                if (tags.Count == SubmissionRules.MaxTags)
                {
                    Fault(pointer, $"More than {SubmissionRules.MaxTags} tags.");
                    while (reader.TokenType != JsonTokenType.EndArray && reader.Read()) Skip(ref reader, pointer);
                    break;
                }
                tags.Add(tag);
            }
            return tags;
        }

        /// <summary>Place of the text among <paramref name="words"/>; 0, the default, where it is none of them.</summary>
        private int Word(ref Utf8JsonReader reader, string pointer, string[] words)
        {
            if (Text(ref reader, pointer) is not { } text) return 0;
            var place = Array.IndexOf(words, text);
            if (place >= 0) return place;
            Fault(pointer, $"'{JsonFault.Shown(text)}' is none of them: use one of {string.Join(", ", words)}.");
            return 0;
        }

        private string? Text(ref Utf8JsonReader reader, string pointer, string wanted = "a text")
        {
            if (reader.TokenType != JsonTokenType.String) return Wrong<string>(ref reader, pointer, wanted);
            if (JsonFault.TryText(ref reader, out var text)) return text;
            Fault(pointer, "The text holds half of a surrogate pair.");
            return null;
        }

        /// <summary>The number the reader stands on, as it was sent.</summary>
        private static string Number(ref Utf8JsonReader reader) => JsonFault.Shown(System.Text.Encoding.UTF8.GetString(reader.ValueSpan));

        private T? Wrong<T>(ref Utf8JsonReader reader, string pointer, string wanted) where T : class
        {
            Fault(pointer, $"Write {wanted}.");
            Skip(ref reader, pointer);
            return null;
        }

        private T? WrongValue<T>(ref Utf8JsonReader reader, string pointer, string wanted) where T : struct
        {
            Wrong<string>(ref reader, pointer, wanted);
            return null;
        }

        private bool Skip(ref Utf8JsonReader reader, string pointer)
        {
            var depth = reader.CurrentDepth;
            if (JsonScan.Skip(ref reader, _body, pointer) is not { } twice) return true;
            Fault(twice.Pointer, twice.Message);
            // Nothing behind a doubled name is read for its meaning, but it is still walked over for its form.
            while (reader.Read() && reader.CurrentDepth > depth)
            {
            }
            return false;
        }

        private void Fault(string pointer, string message)
        {
            _faults ??= [];
            if (_faults.Count < MaxFaults) _faults.Add(new FieldFault(pointer, message));
        }

        private static readonly byte[] Empty = "{}"u8.ToArray();
    }
}
