using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>What deliveries are signed with: 24 to 64 bytes, written <c>whsec_</c> and base64 (Standard Webhooks). Kept as it is, because signing needs it.</summary>
/// <param name="Text">As it is handed to the receiver, once.</param>
/// <param name="Until">When it ends, because another took its place; null for the one in force.</param>
public sealed record WebhookSecret(string Text, DateTimeOffset? Until)
{
    public const string Prefix = "whsec_";
    public const string Rule = "whsec_ and the base64 of 24 to 64 bytes";

    /// <summary>How long a secret stays good after another took its place.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    private const int MinBytes = 24;
    private const int MaxBytes = 64;
    private const int NewBytes = 32;

    private static readonly long LastMicrosecond = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static WebhookSecret Generate() => new(Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewBytes)), null);

    /// <summary>Whether a client may set it. Base64 is read over blanks; in the store's lines they part a secret from its end.</summary>
    public static bool IsValid(string text) => !text.Any(char.IsWhiteSpace) && TryBytes(text, out _);

    /// <summary>The key of the signature.</summary>
    public static bool TryBytes(string text, [NotNullWhen(true)] out byte[]? key)
    {
        key = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > 200) return false;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) || length is < MinBytes or > MaxBytes) return false;
        key = bytes[..length];
        return true;
    }

    /// <summary>Secrets as the store keeps them: newest first, one a line, each with the microsecond at which it ends, if it does (docs/formats/database.md).</summary>
    public static string Write(IReadOnlyList<WebhookSecret> secrets) => string.Join('\n', secrets.Select(secret =>
        secret.Until is { } until ? string.Create(CultureInfo.InvariantCulture, $"{secret.Text} {(until - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}") : secret.Text));

    /// <remarks>Reads any text: a row that cannot be used must not stop the others.</remarks>
    public static IReadOnlyList<WebhookSecret> Read(string stored) =>
    [
        .. stored.Split('\n').Select(line => line.Split(' ') is [var text, var until]
            && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= LastMicrosecond
            ? new WebhookSecret(text, DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond))
            : new WebhookSecret(line, null)),
    ];

    /// <summary>Never the secret: records end up in logs.</summary>
    public override string ToString() => Prefix + "…";
}
