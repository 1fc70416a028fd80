using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Webhooks;

public sealed class WebhookRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly TaskCatalog None = new([]);

    private static readonly Delivery Fresh = new() { Seq = 1, Id = Guid.NewGuid(), Namespace = Namespace.Default, Webhook = "w", Url = "https://a.example/", At = Noon, DueAt = Noon };

    // The expected texts were computed apart from this code, with the hmac and base64 modules of Python.
    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "01234567-89ab-cdef-0123-456789abcdef", 1700000000, """{"a":"ü"}""", "v1,c5ouj6PXfB7iEPm+ZohGi8AwmBo0BMZKXAiWg5/dxWo=")]
    public void A_signature_is_that_of_the_standard(string secret, string id, long seconds, string body, string expected)
    {
        Assert.Equal(expected, WebhookSignature.Of([new WebhookSecret(secret, null)], Noon, id, seconds, Encoding.UTF8.GetBytes(body)));
        Assert.NotEqual(expected, WebhookSignature.Of([new WebhookSecret(secret, null)], Noon, id, seconds + 1, Encoding.UTF8.GetBytes(body)));
        Assert.NotEqual(expected, WebhookSignature.Of([new WebhookSecret(secret, null)], Noon, id, seconds, Encoding.UTF8.GetBytes(body + " ")));
    }

    private static readonly WebhookAddresses Addresses = new(new WebhookOptions());

    [Fact]
    public void A_rotated_secret_signs_beside_the_new_one_for_a_day()
    {
        var row = WebhookRules.Put(null, Namespace.Default, "w", new WebhookDefinition { Url = "https://a.example/" }, WebhookSecret.Generate(), Noon);
        var rotated = WebhookRules.Rotate(WebhookRules.Rotate(row, WebhookSecret.Generate(), Noon), WebhookSecret.Generate(), Noon.AddHours(1));
        Assert.Equal(3, Signatures(rotated, Noon.AddHours(2)).Length);
        Assert.Equal(Signatures(row, Noon)[0], Signatures(rotated, Noon.AddHours(2))[2]);
        Assert.Equal(2, Signatures(rotated, Noon.AddHours(24)).Length);
        Assert.Single(Signatures(rotated, Noon.AddHours(25)));
        Assert.Equal(rotated.Secrets, WebhookSecret.Read(WebhookSecret.Write(rotated.Secrets)));

        static string[] Signatures(WebhookRow row, DateTimeOffset now) => WebhookSignature.Of(row.Secrets, now, "id", 1, "{}"u8).Split(' ');
    }

    [Fact]
    public void No_text_of_a_record_shows_a_secret()
    {
        var row = WebhookRules.Callbacks(Namespace.Default, WebhookSecret.Generate(), Noon);
        var shown = $"{row} {row.Secrets[0]} {new WebhookDefinition { Secret = row.Secrets[0].Text }} {new WebhookReply.Done(WebhookRules.View(row, Noon), true, row.Secrets[0].Text)}";
        Assert.DoesNotContain(row.Secrets[0].Text[WebhookSecret.Prefix.Length..], shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whsec_AAAA", false)]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", false)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMU FRYXGBkaGxwdHh8=", false)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMU\nFRYXGBkaGxwdHh8=", false)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\t", false)]
    public void A_secret_is_so_many_bytes_in_base64(string text, bool valid) => Assert.Equal(valid, WebhookSecret.IsValid(text));

    // Older versions took secrets with blanks in them, and kept them.
    [Theory]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMU FRYXGBkaGxwdHh8=")]
    [InlineData("whsec_A 9223372036854775807")]
    [InlineData("")]
    public void Whatever_is_stored_for_a_secret_is_read(string stored) => Assert.Equal([new WebhookSecret(stored, null)], WebhookSecret.Read(stored));

    [Theory]
    [InlineData(200, DeliveryState.Delivered)]
    [InlineData(204, DeliveryState.Delivered)]
    [InlineData(302, DeliveryState.Pending)]
    [InlineData(404, DeliveryState.Pending)]
    [InlineData(410, DeliveryState.Failed)]
    [InlineData(500, DeliveryState.Pending)]
    [InlineData(null, DeliveryState.Pending)]
    public void Only_2xx_is_delivered_and_410_ends_it(int? status, DeliveryState state)
    {
        var outcome = DeliveryRules.Decide(Fresh, new DeliveryAnswer(status), Noon, 1);
        Assert.Equal((state, status == 410, 1), (outcome.After.State, outcome.IsGone, outcome.After.Attempts));
        Assert.Equal(state == DeliveryState.Pending, outcome.After.EndedAt is null);
    }

    [Fact]
    public void Pauses_double_to_an_hour_and_the_fifteenth_attempt_is_the_last()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), DeliveryRules.Pause(1, null, 1));
        Assert.Equal(TimeSpan.FromSeconds(2.5), DeliveryRules.Pause(1, null, 0));
        Assert.Equal(TimeSpan.FromSeconds(20), DeliveryRules.Pause(3, null, 1));
        Assert.Equal(TimeSpan.FromHours(1), DeliveryRules.Pause(14, null, 1));
        Assert.Equal(TimeSpan.FromHours(2), DeliveryRules.Pause(1, TimeSpan.FromHours(2), 1));
        Assert.Equal(TimeSpan.FromHours(24), DeliveryRules.Pause(1, TimeSpan.FromDays(40), 1));
        Assert.Equal(TimeSpan.FromSeconds(5), DeliveryRules.Pause(1, TimeSpan.FromSeconds(-5), 1));
        var delivery = Fresh;
        for (var attempt = 1; attempt < DeliveryRules.MaxAttempts; attempt++)
        {
            delivery = DeliveryRules.Decide(delivery, new DeliveryAnswer(500), Noon, 0.5).After;
            Assert.Equal(DeliveryState.Pending, delivery.State);
        }
        Assert.Equal(DeliveryState.Failed, DeliveryRules.Decide(delivery, new DeliveryAnswer(500), Noon, 0.5).After.State);
    }

    [Fact]
    public void What_is_refused_before_it_is_sent_is_not_tried_again() =>
        Assert.Equal(DeliveryState.Failed, DeliveryRules.Decide(Fresh, new DeliveryAnswer(null, Error: "internal", IsRefused: true), Noon, 0).After.State);

    [Fact]
    public void What_a_webhook_cannot_be_asked_is_refused_in_words()
    {
        var shy = new TaskDescriptor { Name = "shy", ArgsSchema = new JsonObject(), Runner = new LambdaRunner((_, _, _) => default), SecretArgs = ["/password"] };
        foreach (var query in new[] { "state:done", "(task:a", "task:", "args.password:x" })
        {
            var refusal = WebhookRules.Fault("w", new WebhookDefinition { Url = "https://a.example/", Query = query }, new TaskCatalog([shy]), Addresses);
            Assert.Equal("/q", Assert.Single(refusal!.Faults).Pointer);
        }
        Assert.Null(WebhookRules.Fault("w", new WebhookDefinition { Url = "https://a.example/", Query = "task:shy args.user:x ran>2s (tag:a or -tag:b)" }, new TaskCatalog([shy]), Addresses));
    }

    [Fact]
    public void Every_faulty_member_is_named()
    {
        var refusal = WebhookRules.Fault("w", new WebhookDefinition { Url = "ftp://a/", Query = "(", Events = [JobState.Running], Secret = "s" }, None, Addresses);
        Assert.Equal(["/url", "/q", "/events", "/secret"], refusal!.Faults.Select(fault => fault.Pointer));
        Assert.Equal(["/url"], WebhookRules.Fault("w", new WebhookDefinition(), None, Addresses)!.Faults.Select(fault => fault.Pointer));
        Assert.Equal(["/url"], WebhookRules.Fault("callback", new WebhookDefinition { Url = "https://a.example/" }, None, Addresses)!.Faults.Select(fault => fault.Pointer));
        Assert.Null(WebhookRules.Fault("callback", new WebhookDefinition { Secret = WebhookSecret.Generate().Text }, None, Addresses));
    }
}
