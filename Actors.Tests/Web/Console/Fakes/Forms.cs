using AngleSharp.Html.Dom;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>Forms whose fields stand there several times.</summary>
internal static class Forms
{
    extension(ConsoleHost host)
    {
        /// <summary>Sends a form with every field it has, as a browser would.</summary>
        public Task<HttpResponseMessage> SendManyAsync(IHtmlFormElement form, params (string Name, string Value)[] more) => host.PostAsync(
            form.GetAttribute("action") ?? "",
            form.QuerySelectorAll("input[name], textarea[name], select[name]").Where(static field => field is not IHtmlInputElement { Type: "checkbox", IsChecked: false })
                .Select(static field => KeyValuePair.Create(field.GetAttribute("name") ?? "", field switch { IHtmlInputElement input => input.Value, IHtmlTextAreaElement area => area.Value, IHtmlSelectElement select => select.Value ?? "", _ => "" }))
                .Where(field => more.All(other => other.Name != field.Key)).Concat(more.Select(static field => KeyValuePair.Create(field.Name, field.Value))));
    }
}
