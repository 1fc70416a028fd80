namespace ActorPerf.Load.Figures.Html;

/// <summary>The report's style sheet, in the file itself. Light or dark as the reader's system is; prints.</summary>
internal static class ReportStyle
{
    public const string Css =
        """
        :root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1c2024;--soft:#60646c;--line:#e4e4e0;--a:#3257c4;--b:#2f8f83;--c:#8d8d86;--d:#a2559d;--e:#c98a1b;--good:#1f7a4d;--bad:#c8352f;--notice:#9a6700}
        @media (prefers-color-scheme:dark){:root{--bg:#131416;--card:#1b1d20;--ink:#e9e9e6;--soft:#a0a39f;--line:#2e3135;--a:#7d9cf5;--b:#57c0b2;--c:#9b9b94;--d:#d08aca;--e:#e0ab4a;--good:#5cc28e;--bad:#f0716b;--notice:#d9a63c}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
        main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:22px;margin:0 0 2px}h2{font-size:16px;margin:34px 0 10px}
        .sub,.note,.none{color:var(--soft);margin:0}.note,.none{font-size:13px}
        .verdict{display:flex;gap:14px;align-items:baseline;border:1px solid var(--line);border-left:5px solid var(--tone);background:var(--card);border-radius:6px;padding:12px 16px;margin:18px 0 10px}
        .verdict strong{color:var(--tone);font-size:18px;white-space:nowrap}
        .good{--tone:var(--good)}.failed{--tone:var(--bad)}.neutral{--tone:var(--notice)}
        .warn{border-left:5px solid var(--notice);background:var(--card);padding:8px 16px;margin:8px 0;border-radius:4px}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:14px 0}
        .figures div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 14px}
        .figures dt{color:var(--soft);font-size:13px}.figures dd{margin:0;font-size:22px;font-variant-numeric:tabular-nums}.figures small{font-size:13px;color:var(--soft)}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px}
        table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
        th,td{padding:6px 12px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        th{font-weight:600;color:var(--soft);font-size:12.5px}tr:last-child>*{border-bottom:0}
        th.t,td.t{text-align:left}td.wide{white-space:normal;overflow-wrap:anywhere;min-width:16em}tr.all td{font-weight:600}
        .ok{color:var(--good)}.no{color:var(--bad)}
        dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 16px}
        dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
        code{font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(480px,100%),1fr));gap:14px}
        figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 12px}
        figcaption{font-weight:600;font-size:13.5px;display:flex;flex-wrap:wrap;gap:4px 14px;justify-content:space-between;margin-bottom:4px}
        .legend{display:flex;gap:12px;font-weight:400;font-size:12.5px}.legend span::before{content:"";display:inline-block;width:14px;height:3px;border-radius:2px;background:var(--s);margin-right:5px;vertical-align:middle}
        svg{display:block;width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:var(--soft)}svg .y{text-anchor:end}svg .x{text-anchor:middle}
        .grid{stroke:var(--line);stroke-width:1}.warm{fill:var(--line);opacity:.55}.line{fill:none;stroke:var(--s);stroke-width:1.6;stroke-linejoin:round}.fill{fill:var(--s);opacity:.14;stroke:none}
        .a{--s:var(--a)}.b{--s:var(--b)}.c{--s:var(--c)}.d{--s:var(--d)}.e{--s:var(--e)}.bad{--s:var(--bad)}
        footer{margin-top:40px;color:var(--soft);font-size:13px}
        @media print{main{max-width:none}.scroll,figure{break-inside:avoid}}
        """;
}
