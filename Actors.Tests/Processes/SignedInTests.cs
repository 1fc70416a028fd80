using System.Net;
using ActorPerf.Tests.Node;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Processes;

/// <summary>A console session belongs to the data: it outlives the process, and no other node takes it.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class SignedInTests
{
    [FullFact]
    public async Task Whoever_is_signed_in_is_so_on_the_nodes_that_share_the_data_over_a_restart_too_and_on_no_other_node()
    {
        var key = ApiKey.New();
        var hocon = $"actorperf.http.auth.keys.ops {{ hash = \"{ApiKey.Hash(key)}\", scopes = [admin] }}\n";
        await using var node = await NodeProcess.StartAsync(hocon, null, "--nodes", "2");
        await using var other = await NodeProcess.StartAsync(hocon);
        // One host name: a browser keeps cookies by name and not by port, so both nodes are sent the same.
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() });
        await SignInAsync(browser, node, key);
        var second = new UriBuilder(node.Url) { Port = new Uri(node.Url).Port + 1 }.Uri.GetLeftPart(UriPartial.Authority);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await LookAsync(browser, node.Url), await LookAsync(browser, second)));
        Assert.Equal(HttpStatusCode.SeeOther, await LookAsync(browser, other.Url));

        await node.KillAsync();
        await node.StartAsync();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await LookAsync(browser, node.Url), await LookAsync(browser, second)));
        Assert.True(Directory.Exists(node.Database + ".console"));
    }

    private static async Task SignInAsync(HttpClient browser, NodeProcess node, string key)
    {
        using var form = await browser.GetAsync(new Uri(node.Url + "/sign-in"), TestContext.Current.CancellationToken);
        var fields = ConsoleHost.Form(await ConsoleHost.ParseAsync(form), "sign-in").QuerySelectorAll("input[name]")
            .ToDictionary(field => field.GetAttribute("name") ?? "", field => field.GetAttribute("value") ?? "");
        fields["key"] = key;
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await browser.PostAsync(new Uri(node.Url + "/sign-in"), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> LookAsync(HttpClient browser, string node)
    {
        using var page = await browser.GetAsync(new Uri(node + "/jobs"), TestContext.Current.CancellationToken);
        return page.StatusCode;
    }
}
