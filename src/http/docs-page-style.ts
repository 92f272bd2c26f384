/** The page's looks, in the colors of the page that shows outfits; light or dark as the reader's system has it. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f2ec; --surface: #fffdfa; --sunk: #ece6dc; --ink: #211c17; --soft: #5f564b; --line: #ddd4c7;
  --thread: #7c2636; --focus: #1f5fa8; --good: #2f6b3c; --bad: #a03a1d; --get: #1f5fa8; --post: #7c2636;
  --display: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Liberation Serif", serif;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161412; --surface: #211e1b; --sunk: #2b2723; --ink: #f2ece3; --soft: #b8aea0; --line: #3a352f;
    --thread: #e39a9a; --focus: #8dbcf2; --good: #86c093; --bad: #e89a7d; --get: #8dbcf2; --post: #e39a9a;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--text); -webkit-text-size-adjust: 100%; }
a { color: var(--thread); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
pre { font-size: 0.8125rem; }
pre code { font-size: inherit; }
:not(pre) > code { overflow-wrap: anywhere; }
.layout { display: grid; grid-template-columns: minmax(0, 1fr); max-width: 78rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; }
nav { margin-top: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; padding: 0; list-style: none; }
nav h2 { margin: 1.25rem 0 0.25rem; color: var(--soft); font: 600 0.75rem/1.4 var(--text); letter-spacing: 0.06em; text-transform: uppercase; }
nav a { display: block; padding: 0.25rem 0; color: var(--ink); text-decoration: none; }
nav a:hover { color: var(--thread); text-decoration: underline; }
header h1 { margin: 0; font: 600 clamp(2rem, 5vw, 2.75rem)/1.1 var(--display); letter-spacing: -0.015em; }
header .summary { margin: 0.5rem 0 0; color: var(--soft); font-size: 1.125rem; }
main p { max-width: 46rem; }
section { margin-top: 3rem; padding-top: 2rem; border-top: 1px solid var(--line); }
section h2 { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; margin: 0; font: 600 1.25rem/1.3 var(--text); }
section h2 code { font-size: 1.125rem; }
h3 { margin: 1.75rem 0 0.5rem; font: 600 1.125rem/1.3 var(--display); }
h4 { margin: 0; }
.operation > .summary { margin: 0.5rem 0; font: 500 1.375rem/1.3 var(--display); }
.mark { color: var(--soft); font-size: 0.875rem; }
.method, .status { padding: 0.1rem 0.55rem; border: 1px solid currentcolor; border-radius: 999px; font: 600 0.75rem/1.6 var(--mono); }
.method.get { color: var(--get); }
.method.post { color: var(--post); }
.status.s2 { color: var(--good); }
.status.s4, .status.s5 { color: var(--bad); }
.answer { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: 0.5rem; padding: 0.6rem 0; border-top: 1px solid var(--line); }
.answer p { margin: 0 0 0.25rem; }
.types { margin: 0.25rem 0; padding: 0; list-style: none; }
dl { margin: 0; }
dt { margin-top: 0.75rem; }
dd { margin: 0.15rem 0 0; max-width: 46rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th, td { padding: 0.5rem 1rem 0.5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
th[scope="row"] { min-width: 13rem; }
th .mark { display: block; }
thead th { border-top: 0; color: var(--soft); font-size: 0.8125rem; }
details { margin: 0.5rem 0; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
summary { padding: 0.6rem 0.9rem; cursor: pointer; }
details pre { margin: 0; border-radius: 0; }
details pre:last-child { border-radius: 0 0 10px 10px; }
pre { max-height: 26rem; margin: 0.5rem 0; padding: 0.9rem; overflow: auto; border-radius: 10px; background: var(--sunk); white-space: pre-wrap; overflow-wrap: anywhere; }
pre.reply { background: var(--surface); border-top: 1px solid var(--line); }
@media (min-width: 62rem) {
  .layout { grid-template: auto auto / 14rem minmax(0, 1fr); column-gap: 3.5rem; }
  header, main { grid-column: 2; }
  nav ul { display: block; }
  nav { position: sticky; top: 0; grid-area: 1 / 1 / 3; align-self: start; max-height: 100vh; margin: 0; padding: 0 0 1rem; overflow: auto; }
  nav h2:first-child { margin-top: 0.5rem; }
}
@media (max-width: 40rem) {
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  th, td { padding: 0; border: 0; }
  th .mark { display: inline; }
  td:empty { display: none; }
  tr { padding: 0.6rem 0; border-top: 1px solid var(--line); }
  .answer { grid-template-columns: minmax(0, 1fr); }
}
`;
