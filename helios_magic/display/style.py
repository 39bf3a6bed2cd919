"""The CSS of our outputs: JupyterLab's variables, each with a fallback, so that an exported notebook reads as well.

Every output carries its own small `<style>`: a cell's output must stand alone when it is exported, copied or cleared.
Lightness belongs to the theme: JupyterLab's and VS Code's attributes decide, elsewhere `prefers-color-scheme`.
"""

from __future__ import annotations

from typing import Literal

Part = Literal["table", "plan", "error", "branches", "describe", "metrics", "hits", "design"]

# Fallbacks of JupyterLab's variables, and the lightness of the branch tones (text, wash, edge).
_LIGHT = (
    "color-scheme:light;--d0:#000;--d1:rgba(0,0,0,.87);--dl:#fff;--db:#1976d2;--de:#d32f2f;--dw:#f57c00;"
    "--ds:#388e3c;--bl:.5;--bt:.965;--bm:.62"
)
_DARK = (
    "color-scheme:dark;--d0:#fff;--d1:rgba(255,255,255,.87);--dl:#212121;--db:#2196f3;--de:#f44336;--dw:#ff9800;"
    "--ds:#4caf50;--bl:.82;--bt:.31;--bm:.66"
)

_BASE = f"""
.hm-o{{{_LIGHT}}}
@media(prefers-color-scheme:dark){{.hm-o{{{_DARK}}}}}
[data-jp-theme-light=true] .hm-o,.vscode-light .hm-o{{{_LIGHT}}}
[data-jp-theme-light=false] .hm-o,.vscode-dark .hm-o,html[theme=dark] .hm-o{{{_DARK}}}
.hm-o{{--f0:var(--jp-ui-font-color0,var(--d0));--f1:var(--jp-ui-font-color1,var(--d1));
--l:var(--jp-layout-color1,var(--dl));--br:var(--jp-brand-color1,var(--db));--er:var(--jp-error-color1,var(--de));
--wa:var(--jp-warn-color1,var(--dw));--q:color-mix(in srgb,var(--f0) 64%,var(--l));
--ln:color-mix(in srgb,var(--f0) 11%,var(--l));--ls:color-mix(in srgb,var(--f0) 6%,var(--l));
--w:color-mix(in srgb,var(--f0) 3.5%,var(--l));--ho:color-mix(in srgb,var(--f0) 7%,var(--l));
--ed:color-mix(in srgb,var(--f0) 45%,var(--l));--c:.13;
border:1px solid var(--ln);border-left:3px solid var(--be);background:var(--l);color:var(--f1);
font:12px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-datagrid-font-size,12px);
text-align:start;max-width:100%;width:fit-content;min-width:min(100%,360px);box-sizing:border-box;margin:2px 0}}
.hm-b{{--bx:oklch(var(--bl) var(--c) var(--h));--be:oklch(var(--bm) calc(var(--c)*1.15) var(--h));
--bw:oklch(var(--bt) calc(var(--c)*.26) var(--h))}}
.hm-main{{--bx:var(--f1);--be:var(--ed);--bw:var(--ho)}}
.hm-o .hm-i{{width:16px;height:16px;flex:none;fill:none;stroke:currentColor;stroke-width:1.4;stroke-linecap:round;
stroke-linejoin:round;vertical-align:-3px}}
.hm-o .hm-is{{width:12px;height:12px;vertical-align:-2px}}
.hm-o .hm-chip{{display:inline-flex;align-items:center;gap:5px;max-width:100%;padding:0 7px 0 6px;border-radius:2px;
background:var(--bw);color:var(--bx);font-weight:500;line-height:20px;box-shadow:inset 2px 0 0 var(--be);
white-space:nowrap}}
.hm-o .hm-chip bdi{{overflow:hidden;text-overflow:ellipsis}}
.hm-o .hm-f{{display:flex;flex-wrap:wrap;align-items:center;gap:2px 10px;min-height:28px;padding:3px 10px 3px 8px;
border-top:1px solid var(--ln);color:var(--q);font-size:12px;font-variant-numeric:tabular-nums}}
.hm-o .hm-f b{{color:var(--f1);font-weight:500}}
.hm-o .hm-f>.hm-d::before{{content:"·";margin-right:10px}}
.hm-o .hm-f>.hm-e{{margin-left:auto;padding-left:14px}}
.hm-o.hm-o code,.hm-o .hm-u,.hm-o .hm-n{{font-family:var(--jp-code-font-family,ui-monospace,monospace);background:none;
color:inherit;padding:0}}
.hm-o .hm-u,.hm-o .hm-n{{font-size:10px;color:var(--q)}}
.hm-o .hm-w{{color:var(--q);padding:0 3px}}
.hm-o .hm-n{{border:1px dashed color-mix(in srgb,var(--f0) 32%,var(--l));padding:0 3px;border-radius:2px}}
.hm-o .hm-m{{padding:8px 12px;display:grid;gap:4px}}
.hm-o .hm-m p{{margin:0;color:var(--q)}}
.hm-o .hm-m b{{font-weight:600}}
.hm-o span.hm-k{{display:inline-block;min-width:84px}}
.hm-o .hm-ok{{color:color-mix(in srgb,var(--jp-success-color1,var(--ds)) 70%,var(--f0))}}
@media(forced-colors:active){{.hm-o .hm-chip{{border:1px solid}}}}
"""

_TABLE = """
.hm-o .hm-s{overflow-x:auto}
.hm-o .hm-s>table.hm-t{border-collapse:separate;border-spacing:0;margin:0;border:0;font-size:inherit;color:inherit;
table-layout:auto;width:auto;min-width:100%}
.hm-o.hm-o .hm-t tr{background:none}
.hm-o.hm-o .hm-t :is(th,td){text-align:start;font-weight:400;vertical-align:middle;border:0;
border-bottom:1px solid var(--ls);border-right:1px solid var(--ls);padding:0 10px;height:23px;line-height:18px;
max-width:300px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:inherit;background:none}
.hm-o.hm-o .hm-t thead th{border-bottom-color:color-mix(in srgb,var(--f0) 26%,var(--l));padding:5px 10px 4px;
vertical-align:top}
.hm-o.hm-o .hm-t thead b{display:block;font-weight:600;overflow:hidden;text-overflow:ellipsis}
.hm-o.hm-o .hm-t thead i{display:block;font-style:normal;font-size:11px;line-height:15px;color:var(--q)}
.hm-o.hm-o .hm-t .hm-r{text-align:right;font-variant-numeric:tabular-nums}
.hm-o.hm-o .hm-t tr>:first-child:not(.hm-k){width:1px;color:var(--q);font-size:11px;padding:0 8px;text-align:right;
border-right-color:var(--ln);font-variant-numeric:tabular-nums}
.hm-o.hm-o .hm-t tbody tr:hover :is(th,td){background:var(--w)}
.hm-o.hm-o .hm-t tr>:last-child{border-right:0}
.hm-o.hm-o .hm-t tbody tr:last-child>*{border-bottom:0}
.hm-o.hm-o .hm-t td.hm-k{max-width:460px}
.hm-o.hm-o .hm-t code{white-space:nowrap}
.hm-o .hm-z{padding:10px 12px}
"""

_PLAN = """
.hm-o.hm-p{width:auto;max-width:1160px}
.hm-o .hm-fi{display:flex;gap:8px;padding:8px 12px;line-height:1.45;border-bottom:1px solid var(--ln);
background:var(--w)}
.hm-o .hm-fi.hm-wa{background:color-mix(in srgb,var(--wa) 12%,var(--l))}
.hm-o .hm-wa>.hm-i,.hm-o .hm-off{color:color-mix(in srgb,var(--wa) 50%,var(--f0))}
.hm-o .hm-fi b{font-weight:600}
.hm-o .hm-g{overflow-x:auto}
.hm-o .hm-g>table.hm-pt{border-collapse:collapse;width:100%;margin:0;border:0;font-size:inherit;color:inherit;
table-layout:auto}
.hm-o.hm-o .hm-pt tr{background:none}
.hm-o.hm-o .hm-pt :is(th,td){text-align:start;font-weight:400;vertical-align:middle;border:0;
border-bottom:1px solid var(--ls);padding:0 12px;height:32px;white-space:nowrap;color:inherit;background:none;
max-width:none;line-height:1.5;font-variant-numeric:tabular-nums}
.hm-o.hm-o .hm-pt thead th{height:24px;color:var(--q);font-size:11px;border-bottom-color:var(--ln)}
.hm-o.hm-o .hm-pt tbody tr:last-child td{border-bottom:0}
.hm-o.hm-o .hm-pt td.hm-op{padding:0 12px}
.hm-o .hm-pt .hm-st{display:flex;align-items:center;gap:8px;height:32px}
.hm-o .hm-pt .hm-st b{font-weight:600}
.hm-o .hm-pt .hm-st span{color:var(--q);overflow:hidden;text-overflow:ellipsis;max-width:420px}
.hm-o .hm-tw{display:inline-flex;align-self:stretch;flex:none}
.hm-o .hm-tw i{width:18px;position:relative}
.hm-o .hm-tw i::before,.hm-o .hm-tw i::after{content:"";position:absolute;left:8px;
border:0 solid color-mix(in srgb,var(--f0) 30%,var(--l))}
.hm-o .hm-tw i::before{top:0;bottom:0;border-left-width:1px}
.hm-o .hm-tw i.l::before{bottom:50%}
.hm-o .hm-tw i.l::after,.hm-o .hm-tw i.t::after{width:10px;top:50%;border-top-width:1px}
.hm-o .hm-tw i.o::before{display:none}
.hm-o .hm-sh{display:inline-block;width:140px;height:8px;background:var(--ls);margin-right:10px}
.hm-o .hm-sh i{display:block;height:8px;min-width:1px;background:color-mix(in srgb,var(--br) 52%,var(--l))}
.hm-o .hm-hot .hm-sh i{background:var(--wa)}
.hm-o.hm-o .hm-pt .hm-hot td{background:color-mix(in srgb,var(--wa) 12%,var(--l))}
.hm-o .hm-hot .hm-tm{font-weight:600}
.hm-o .hm-tm{display:inline-block;min-width:92px;text-align:right}
.hm-o .hm-fine{color:var(--q);margin-left:8px}
.hm-o .hm-off{margin-left:8px;padding:0 6px;border-radius:2px;font-weight:600;line-height:18px;
display:inline-block;background:color-mix(in srgb,var(--wa) 12%,var(--l));box-shadow:inset 0 0 0 1px currentColor}
.hm-o .hm-top .hm-sh i{background:var(--br)}
.hm-o .hm-top .hm-tm{font-weight:600}
@media(forced-colors:active){.hm-o .hm-sh i{background:CanvasText;forced-color-adjust:none}}
"""

_ERROR = """
.hm-o.hm-er{--be:var(--er);border-color:color-mix(in srgb,var(--er) 32%,var(--l));border-left-color:var(--be);
width:auto;max-width:900px}
.hm-o.hm-er.hm-li{--be:var(--wa);border-color:color-mix(in srgb,var(--wa) 42%,var(--l));border-left-color:var(--be)}
.hm-o .hm-h{display:flex;gap:8px;padding:10px 12px 6px;font-size:14px;line-height:1.4}
.hm-o .hm-h>.hm-i{margin-top:2px;color:var(--et)}
.hm-o.hm-er{--et:color-mix(in srgb,var(--er) 72%,var(--f0))}
.hm-o.hm-li{--et:color-mix(in srgb,var(--wa) 50%,var(--f0))}
.hm-o .hm-h b{font-weight:600}
.hm-o .hm-sql{margin:2px 12px 8px 36px;border:1px solid var(--ln);background:var(--w);overflow-x:auto;
font:12.5px/1.55 var(--jp-code-font-family,ui-monospace,monospace)}
.hm-o .hm-sql div{display:grid;grid-template-columns:34px 1fr;white-space:pre}
.hm-o .hm-sql div>:first-child{color:var(--q);text-align:right;padding-right:10px}
.hm-o .hm-sql .hm-at{background:color-mix(in srgb,var(--er) 9%,var(--l));padding-bottom:11px}
.hm-o .hm-hit{position:relative;font-weight:700;color:var(--et);background:none;box-shadow:0 2px 0 var(--et)}
.hm-o .hm-hit::after{content:"";position:absolute;left:50%;top:calc(100% + 4px);width:11px;height:6px;
margin-left:-5.5px;background:var(--et);clip-path:polygon(50% 0,100% 100%,0 100%)}
.hm-o .hm-a{padding:0 12px 10px 36px;font-size:13px}
.hm-o.hm-er .hm-f{padding-left:36px;font-size:11px}
.hm-o .hm-vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media(forced-colors:active){.hm-o .hm-hit{text-decoration:underline 2px}}
"""

_BRANCHES = """
.hm-o.hm-br{width:auto;max-width:1160px}
.hm-o .hm-vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.hm-o .hm-q{color:var(--q)}
.hm-o .hm-add{color:color-mix(in srgb,var(--jp-success-color1,var(--ds)) 70%,var(--f0))}
.hm-o .hm-chg{color:color-mix(in srgb,var(--wa) 50%,var(--f0))}
.hm-o .hm-del{color:color-mix(in srgb,var(--er) 72%,var(--f0))}
.hm-o :is(.hm-add,.hm-chg,.hm-del){font-variant-numeric:tabular-nums}
.hm-o .hm-tag{display:inline-block;padding:0 5px;border-radius:2px;font-size:11px;line-height:16px;color:var(--q);
border:1px solid var(--ln);white-space:nowrap;vertical-align:middle;margin-left:4px}
.hm-o .hm-ph{display:flex;align-items:center;flex-wrap:wrap;gap:4px 8px;min-height:36px;padding:4px 12px;
border-bottom:1px solid var(--ln);box-sizing:border-box}
.hm-o .hm-ph b{font-weight:600}
.hm-o .hm-no{display:flex;gap:8px;padding:8px 12px;line-height:1.45;border-bottom:1px solid var(--ln);
background:var(--w)}
.hm-o .hm-g{overflow-x:auto;position:relative}
.hm-o.hm-o .hm-g>table,.hm-o.hm-o details>table{border-collapse:collapse;width:100%;margin:0;border:0;
font-size:inherit;color:inherit;table-layout:auto}
.hm-o.hm-o table tr{background:none}
.hm-o.hm-o table.hm-bt :is(th,td){text-align:start;font-weight:400;vertical-align:middle;border:0;
border-bottom:1px solid var(--ls);padding:0 10px;height:28px;line-height:1.5;white-space:nowrap;color:inherit;
background:none;max-width:none}
.hm-o.hm-o table.hm-bt thead th{color:var(--q);font-size:11px;font-weight:500;height:26px;
border-bottom-color:var(--ln)}
.hm-o.hm-o table.hm-bt :is(th,td).hm-r{text-align:right;font-variant-numeric:tabular-nums}
.hm-o.hm-o table.hm-bt .hm-q{color:var(--q)}
.hm-o.hm-o table.hm-bt tbody:last-child tr:last-child>*{border-bottom:0}
.hm-o.hm-o table.hm-bt .hm-grp>*{background:var(--w);font-weight:600}
.hm-o.hm-o table.hm-bt code,.hm-o .hm-mo{font-family:var(--jp-code-font-family,ui-monospace,monospace)}
.hm-o.hm-o table.hm-tr :is(th,td){height:34px}
.hm-o.hm-o table.hm-tr thead th{height:26px}
.hm-o.hm-o table.hm-tr td:first-child{padding:0 0 0 8px;width:1px}
.hm-o.hm-o table.hm-tr [aria-current] >*{background:var(--bw)}
.hm-o :is(.hm-tr,.hm-co,.hm-m) .hm-chip{vertical-align:middle}
.hm-o .hm-tr .hm-chip{max-width:340px}
.hm-o .hm-co .hm-chip{max-width:260px}
.hm-o .hm-tr .hm-pa{display:inline-block;max-width:200px;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
.hm-o .hm-tr svg.hm-ra{display:block;max-width:none;margin-bottom:-1px;overflow:visible}
.hm-o .hm-ra path{fill:none;stroke:var(--be);stroke-width:2.5}
.hm-o .hm-ra .hm-ro{stroke:var(--q);stroke-width:1.5}
.hm-o .hm-ra circle{fill:var(--be)}
.hm-o .hm-ra circle.hm-hm{fill:var(--f1)}
.hm-o .hm-ra circle.hm-ha{fill:none;stroke:var(--be);stroke-width:1.5}
.hm-o .hm-ra circle.hm-ri{fill:var(--l);stroke:var(--be);stroke-width:2.2}
.hm-o .hm-dg{display:flex;justify-content:space-between;align-items:center;gap:12px;min-height:28px;
padding:0 10px 0 12px;border-bottom:1px solid var(--ls);box-sizing:border-box}
.hm-o div.hm-dg{background:var(--w)}
.hm-o div.hm-dg>b{font-weight:600}
.hm-o summary.hm-dg{list-style:none;cursor:pointer;justify-content:flex-start}
.hm-o summary.hm-dg::-webkit-details-marker{display:none}
.hm-o summary.hm-dg>:last-child{margin-left:auto}
.hm-o summary.hm-dg:hover{background:var(--ho)}
.hm-o summary:focus-visible{outline:var(--jp-focus-outline-width,2px) solid
 var(--jp-focus-outline-color,var(--br));outline-offset:-2px}
.hm-o summary .hm-i{transition:transform .12s;margin-right:-6px;color:var(--q)}
.hm-o details[open]>summary .hm-i{transform:rotate(90deg)}
.hm-o.hm-o table.hm-bt :is(th,td):first-child{padding-left:12px}
.hm-o.hm-o details table.hm-bt tbody th:first-child{padding-left:30px;width:1px}
.hm-o.hm-o details table.hm-bt tbody:last-child tr:last-child>*{border-bottom:1px solid var(--ls)}
.hm-o.hm-o table.hm-bt td.hm-wr{white-space:normal;overflow-wrap:anywhere}
.hm-o.hm-o table.hm-co td{height:36px;padding-top:7px;padding-bottom:7px;box-sizing:border-box;
white-space:normal;overflow-wrap:anywhere;max-width:320px}
.hm-o.hm-o table.hm-co thead th:nth-child(n+3){width:29%}
.hm-o.hm-o table.hm-co tbody th{height:36px;white-space:normal;overflow-wrap:break-word;word-break:break-word;
max-width:260px;min-width:80px}
.hm-o.hm-o table.hm-co :is(.hm-grp) >*{height:28px}
.hm-o.hm-o table.hm-co td.hm-b{background:linear-gradient(var(--bw),var(--bw)) no-repeat 4px 4px/
calc(100% - 8px) calc(100% - 8px);box-shadow:none}
.hm-o.hm-o table.hm-co td.hm-wo{color:var(--q);height:auto;padding-top:6px;padding-bottom:8px;max-width:none}
.hm-o .hm-cm{display:grid;gap:4px;padding:8px 12px;border-top:1px solid var(--ln);color:var(--q)}
.hm-o .hm-cm b{color:var(--f1);font-weight:600}
.hm-o.hm-o .hm-cm code{color:var(--f1);overflow-wrap:anywhere;white-space:pre-wrap}
@media(prefers-reduced-motion:reduce){.hm-o summary .hm-i{transition:none}}
@media(forced-colors:active){.hm-o .hm-ra path{stroke:CanvasText}.hm-o .hm-ra circle{fill:CanvasText}
.hm-o .hm-ra circle:is(.hm-ha,.hm-ri){stroke:CanvasText;fill:Canvas}.hm-o [aria-current]{outline:1px solid}}
"""

_DESCRIBE = """
.hm-o.hm-ds .hm-ph b{font-size:14px}
.hm-o.hm-ds .hm-tag{margin:0 4px 0 0;white-space:nowrap}
.hm-o .hm-hd{padding:0 12px;font-size:11px;font-weight:500;line-height:26px;color:var(--q);
border-top:1px solid var(--ln);border-bottom:1px solid var(--ln)}
.hm-o.hm-o.hm-ds .hm-sc tbody th{width:1px;padding-right:20px}
.hm-o.hm-o.hm-ds .hm-sc tbody td:nth-child(2){width:1px;padding-right:20px}
.hm-o.hm-o.hm-ds table.hm-bt tbody :is(th,td){height:24px}
.hm-o.hm-o.hm-ds table.hm-bt td.hm-wr{min-width:120px;max-width:420px}
.hm-o.hm-ds .hm-dg{border-top:1px solid var(--ln)}
"""

_METRICS = """
.hm-o.hm-me{width:auto;max-width:460px}
.hm-o.hm-la{width:auto;max-width:860px}
.hm-o .hm-ms{display:grid;gap:10px;padding:10px 12px}
.hm-o .hm-ml{display:flex;justify-content:space-between;gap:16px;font-size:13px;font-variant-numeric:tabular-nums}
.hm-o .hm-ml b{font-weight:600}
.hm-o .hm-mb{height:6px;margin-top:3px;background:var(--ln);overflow:hidden}
.hm-o .hm-mb i{display:block;height:6px;min-width:1px;background:var(--br)}
.hm-o .hm-near .hm-ml>:last-child{color:color-mix(in srgb,var(--wa) 50%,var(--f0))}
.hm-o .hm-near .hm-mb i{background:repeating-linear-gradient(135deg,var(--wa) 0 4px,
color-mix(in srgb,var(--wa) 62%,#000) 4px 6px)}
.hm-o .hm-mn{margin:2px 0 0;font-size:11px;color:var(--q)}
.hm-o .hm-ch{display:block;margin:6px 0 4px;font:11px var(--jp-ui-font-family,system-ui,sans-serif)}
.hm-o .hm-ch text{fill:currentColor;font-variant-numeric:tabular-nums}
.hm-o .hm-ch .hm-en{font-weight:600}
.hm-o .hm-ch path{fill:none}
.hm-o .hm-ch .hm-gr{stroke:var(--ln)}
.hm-o .hm-ch path.hm-l50{stroke:var(--br);stroke-width:1.6}
.hm-o .hm-ch path.hm-l95{stroke:var(--br);stroke-width:1.6;stroke-dasharray:5 3}
.hm-o .hm-ch circle.hm-l50{fill:var(--br)}
.hm-o .hm-ch circle.hm-l95{fill:var(--l);stroke:var(--br);stroke-width:1.4}
.hm-o .hm-hd{padding:0 12px;font-size:11px;font-weight:500;line-height:26px;color:var(--q);
border-top:1px solid var(--ln);border-bottom:1px solid var(--ln)}
.hm-o .hm-z{padding:12px;color:var(--q)}
.hm-o.hm-o.hm-la table.hm-bt tbody th{max-width:320px;overflow:hidden;text-overflow:ellipsis}
.hm-o.hm-o.hm-la table.hm-bt tbody code{white-space:nowrap;background:none;padding:0}
.hm-o.hm-o.hm-la table.hm-bt .hm-r{text-align:right;font-variant-numeric:tabular-nums}
@media(forced-colors:active){.hm-o .hm-mb{border:1px solid}.hm-o .hm-mb i{background:CanvasText;
forced-color-adjust:none}.hm-o .hm-ch path{stroke:CanvasText}}
"""

_HITS = """
.hm-o.hm-vs{width:auto;max-width:860px}
.hm-o.hm-o .hm-hi{list-style:none;margin:0;padding:0}
.hm-o.hm-o .hm-hi li{display:flex;gap:14px;padding:8px 12px;margin:0;border-bottom:1px solid var(--ls);line-height:1.45}
.hm-o.hm-o .hm-hi li:last-child{border-bottom:0}
.hm-o .hm-sn{flex:0 0 80px;font-variant-numeric:tabular-nums}
.hm-o .hm-sn b,.hm-o .hm-sr b{font-weight:600}
.hm-o .hm-sr{min-width:0;overflow-wrap:anywhere}
.hm-o .hm-sr b{font-family:var(--jp-code-font-family,ui-monospace,monospace)}
.hm-o .hm-sb{position:relative;height:5px;margin-top:3px;background:var(--ln)}
.hm-o .hm-sb i{display:block;height:5px;background:var(--br)}
.hm-o .hm-sb u{position:absolute;top:-2px;width:2px;height:9px;margin-left:-1px;background:var(--f1)}
@media(forced-colors:active){.hm-o .hm-sb{border:1px solid}.hm-o .hm-sb i,.hm-o .hm-sb u{background:CanvasText;
forced-color-adjust:none}}
"""

#: The parts of an entity-relationship picture; in a file its colours stand beside them.
PICTURE = (
    ".e-b{fill:var(--l);stroke:var(--ed)}.e-t{fill:var(--w)}.e-r{stroke:var(--ln)}"
    ".e-n{fill:var(--f1);font:600 12px system-ui,sans-serif}.e-c{fill:var(--f1);font:12px system-ui,sans-serif}"
    ".e-k{font-weight:600}.e-m{fill:var(--q);font:9px ui-monospace,monospace}"
    ".e-y{fill:var(--q);font:10.5px ui-monospace,monospace}.e-l{fill:none;stroke:var(--q);stroke-width:1.2}"
    ".e-o{fill:var(--l);stroke:var(--q);stroke-width:1.2}"
    "g.e-e:hover .e-l{stroke:var(--br);stroke-width:2.2}"
)

_DESIGN = """
.hm-o.hm-de{width:auto;max-width:1400px}
.hm-o.hm-de .hm-erd{display:block;max-width:none}
.hm-o.hm-de .hm-dg{border-top:1px solid var(--ln)}
.hm-o.hm-de ul{margin:0;padding-left:18px}
.hm-o.hm-o.hm-de pre.hm-dd{margin:0;padding:8px 12px;max-height:360px;overflow:auto;background:none;color:var(--f1);
font:12.5px/1.5 var(--jp-code-font-family,ui-monospace,monospace);white-space:pre;border-bottom:1px solid var(--ls)}
.hm-o .hm-dd .hm-sk{font-weight:600;color:color-mix(in srgb,var(--br) 62%,var(--f0))}
.hm-o .hm-dd .hm-ss{color:color-mix(in srgb,var(--er) 62%,var(--f0))}
.hm-o .hm-dd .hm-sn{color:color-mix(in srgb,var(--jp-success-color1,var(--ds)) 62%,var(--f0))}
.hm-o .hm-dd .hm-sc{color:var(--q);font-style:italic}
.hm-o .hm-ca{display:flex;flex-wrap:wrap;gap:8px 32px;align-items:flex-start;padding:10px 12px;
border-top:1px solid var(--ln)}
.hm-o .hm-ca b{font-weight:600}
.hm-o.hm-o .hm-ca table.hm-bt{width:auto;margin:0;border-collapse:collapse;color:inherit;font-size:inherit}
"""

_PARTS: dict[Part, str] = {
    "table": _TABLE,
    "plan": _PLAN,
    "error": _ERROR,
    "branches": _BRANCHES,
    "describe": _BRANCHES + _TABLE + _DESCRIBE,
    "metrics": _BRANCHES + _METRICS,
    "hits": _BRANCHES + _HITS,
    "design": _BRANCHES + _METRICS + _DESIGN + PICTURE,
}


def style(part: Part | None = None) -> str:
    """One `<style>` block: the tokens, the chip and the footer, and what one kind of output needs beside them."""
    return _BLOCKS[part]


def _block(css: str) -> str:
    # A comma or brace needs no blank after it, and a notebook keeps every byte.
    return "<style>" + "".join(css.split("\n")) + "</style>"


_BLOCKS: dict[Part | None, str] = {
    None: _block(_BASE),
    **{part: _block(_BASE + css) for part, css in _PARTS.items()},
}
