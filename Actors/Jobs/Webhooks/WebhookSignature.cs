using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Signs a delivery as Standard Webhooks says: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c> (docs/formats/webhook.md).</summary>
public static class WebhookSignature
{
    /// <summary>One signature for each secret that is good at <paramref name="now"/>, separated by a space, newest first.</summary>
    /// <param name="seconds">Since 1970: the header <c>webhook-timestamp</c>.</param>
    public static string Of(IEnumerable<WebhookSecret> secrets, DateTimeOffset now, string id, long seconds, ReadOnlySpan<byte> body)
    {
        var signatures = new List<string>();
        foreach (var secret in secrets)
            if ((secret.Until is null || secret.Until > now) && WebhookSecret.TryBytes(secret.Text, out var key)) signatures.Add(Of(key, id, seconds, body));
        return string.Join(' ', signatures);
    }

    public static string Of(ReadOnlySpan<byte> key, string id, long seconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}."));
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }
}
