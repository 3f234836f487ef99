"""The look of the report; everything is in the page, nothing is loaded."""

from __future__ import annotations

from rag.evaluation.plots import COLOURS

_DARK = {
    "ink": "#e6e8eb",
    "muted": "#9aa3af",
    "grid": "#30363f",
    "right": "#3fb190",
    "rightly-refused": "#2c6e5c",
    "wrongly-refused": "#b8923f",
    "wrong": "#ef6a50",
    "answered-unanswerable": "#a83b29",
    "failed": "#8b8b95",
    "not-judged": "#525863",
    "accent": "#7aa2ff",
    "second": "#e09a4a",
}


def style() -> str:
    """Return the style sheet."""
    light = "".join(f"--{name}:{value};" for name, value in COLOURS.items())
    dark = "".join(f"--{name}:{value};" for name, value in _DARK.items())
    return (
        f":root{{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--soft:#eef0f3;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--page:#14171b;--card:#1c2026;--soft:#262b33;{dark}}}}}"
        + _RULES
    )


_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);line-height:1.5;
 font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",
 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.2rem;margin:40px 0 12px}
h3{font-size:1rem;margin:0 0 2px}
p{margin:6px 0}
.muted,figcaption,.tile small{color:var(--muted)}
.lead{font-size:1.05rem;max-width:75ch}
.hero{display:grid;grid-template-columns:minmax(260px,1fr) 2fr;gap:16px;margin-top:24px}
.tile,figure,.table,details{background:var(--card);border:1px solid var(--grid);border-radius:12px}
.tile{padding:16px 18px}
.tile b{display:block;font-size:1.9rem;line-height:1.15;font-variant-numeric:tabular-nums}
.tile small{display:block;font-size:.82rem}
.tile.main{display:flex;flex-direction:column;justify-content:center;border-left:6px solid var(--wrong)}
.tile.main b{font-size:4rem;color:var(--wrong)}
.tile.main span{font-size:1.05rem;font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:16px}
.range{position:relative;height:6px;border-radius:3px;background:var(--soft);margin:10px 0 6px}
.range i{position:absolute;top:0;bottom:0;border-radius:3px;background:var(--accent);opacity:.35}
.range u{position:absolute;top:-3px;width:4px;height:12px;margin-left:-2px;border-radius:2px;background:var(--accent)}
.lower .range i,.lower .range u{background:var(--wrong)}
.plots{columns:2;column-gap:16px;margin-top:16px}
figure{margin:0 0 16px;padding:16px 18px;break-inside:avoid}
figure svg{display:block;width:100%;height:auto;max-width:540px;margin:8px auto 0}
figure svg text{font-family:inherit!important}
figcaption{font-size:.85rem}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{text-align:left;padding:8px;vertical-align:top;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{padding-left:18px}th:last-child,td:last-child{padding-right:18px}
tr:last-child>td{border-bottom:0}
thead th{color:var(--muted);font-weight:600;vertical-align:bottom}
td.number{white-space:nowrap}td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
td.number small{color:var(--muted);display:block;font-size:.78rem}
td.name{min-width:110px;font-weight:600}
tr.topic td{color:var(--muted);background:var(--soft);font-weight:600}
.cases td{overflow-wrap:anywhere}
.cases td:nth-child(1){width:30%}.cases td:nth-child(2),.cases td:nth-child(3){width:20%}
.tag{display:inline-block;font-size:.75rem;color:var(--muted);background:var(--soft);
 border-radius:6px;padding:0 6px;margin:2px 4px 0 0}
.said{color:var(--wrong);font-weight:600}
blockquote{margin:0 0 6px;padding-left:10px;border-left:3px solid var(--grid);white-space:pre-line}
details{margin-top:12px;padding:0}
summary{cursor:pointer;padding:12px 16px;font-weight:600}
details>.table{border:0;border-top:1px solid var(--grid);border-radius:0 0 12px 12px}
.note{border-left:4px solid var(--wrongly-refused);background:var(--card);
 padding:8px 14px;margin:10px 0;border-radius:0 8px 8px 0}
pre{margin:0;padding:12px 16px;overflow-x:auto;font-size:.8rem;border-top:1px solid var(--grid)}
@media (max-width:900px){.hero{grid-template-columns:minmax(0,1fr)}.plots{columns:1}}
@media (max-width:640px){
 main{padding:20px 12px 48px}
 .tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:10px}
 .tile{padding:12px 14px}.tile b{font-size:1.5rem}.tile.main b{font-size:3rem}
 figure{padding:12px 10px}
 .cases thead{display:none}
 .cases,.cases tbody,.cases tr,.cases td{display:block;width:auto!important}
 .cases tr{padding:10px 0;border-bottom:1px solid var(--grid)}
 .cases td{border:0;padding:3px 14px}
 .cases td::before{content:attr(data-label);display:block;color:var(--muted);font-size:.75rem}
}
@media print{body{background:#fff}.tile,figure,.table,details{break-inside:avoid}}
"""
