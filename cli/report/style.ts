/** The look of the page: light and dark as the reader's system is, one column on a phone, black on white on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --panel: #f4f6f8; --line: #d0d7de;
  --good: #116329; --bad: #b3261e; --outage: #fde8e6; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --paper: #0f1317; --panel: #1a2027; --line: #39424c;
  --good: #56d364; --bad: #ff8f87; --outage: #3a1c1b; --link: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; border-bottom: 1px solid var(--line); }
.verdict { font-weight: 700; } .verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
.soft { color: var(--soft); } .bad { color: var(--bad); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--panel); border-radius: 8px; padding: .6rem; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); text-anchor: middle; font-family: system-ui, sans-serif; } svg .state { fill: var(--soft); }
svg rect { fill: var(--paper); stroke: var(--soft); } svg .manager rect { stroke: var(--good); stroke-width: 2; }
svg .off rect { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 6 4; }
svg line { stroke: var(--soft); stroke-width: 1.5; } svg line.lost { stroke: var(--bad); stroke-dasharray: 4 4; }
ol, ul { padding-left: 1.3rem; margin: .4rem 0; } li { margin: .25rem 0; }
.timeline { list-style: none; padding: 0; border-left: 3px solid var(--line); }
.timeline li { padding: .2rem .2rem .2rem .9rem; margin: 0; } .timeline .outage { background: var(--outage); border-left: 3px solid var(--bad); margin-left: -3px; }
time { font-family: ui-monospace, monospace; color: var(--soft); margin-right: .6rem; white-space: nowrap; }
code, pre { font-family: ui-monospace, monospace; font-size: .88em; }
pre { background: var(--panel); padding: .6rem; border-radius: 6px; white-space: pre-wrap; margin: .3rem 0; }
dl { margin: 0; } dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0 0 0 1rem; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --panel: #fff; --line: #999; --good: #000; --bad: #000; --outage: #eee; }
  body { font-size: 11pt; max-width: none; padding: 0; } h2 { break-after: avoid; } li, figure, dd { break-inside: avoid; } figure { border: 1px solid #999; } }
`;
