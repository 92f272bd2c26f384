import { ringColor, wheel } from "./color-wheel.js";
import { partColors, theme } from "./theme.js";

const ringHues = Array.from(
  { length: 13 },
  (_, i) => `hsl(${i * 30} ${ringColor.saturation}% ${ringColor.lightness}%)`,
);

/** The look of boards as a page: the sheet's own by day, its night side where the reader's system is dark. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: ${theme.ground}; --panel: ${theme.panel}; --line: ${theme.line}; --ink: ${theme.ink}; --muted: ${theme.muted}; --track: ${theme.track}; --notice: ${theme.notice}; --mat: ${theme.mat}; --similarity: ${partColors.similarity}; }
@media (prefers-color-scheme: dark) { :root { --ground: #161513; --panel: #211f1c; --line: #35322d; --ink: #f2efe9; --muted: #a8a196; --track: #35322d; --notice: #f0b46a; --mat: #d9d5cd; --similarity: #8fa9c9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.4 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
main, .board { max-width: 1760px; margin: 0 auto; }
.board { padding: clamp(16px, 3vw, 40px); }
h1, h2, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1, .board > header h2 { font-size: clamp(24px, 3vw, 34px); font-weight: 600; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
.facts { color: var(--muted); font-size: 14px; margin-top: 6px; overflow-wrap: anywhere; }
.cards { display: grid; gap: 20px; margin-top: 24px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 200px), 1fr)); list-style: none; }
.split { display: grid; gap: 20px; grid-template-columns: minmax(0, 1fr); }
.split > .cards { margin-top: 0; align-content: start; }
.split { margin-top: 24px; }
@media (min-width: 900px) { .split { grid-template-columns: clamp(320px, 31vw, 560px) minmax(0, 1fr); align-items: start; } .hero { position: sticky; top: 20px; } }
.card, .hero { background: var(--panel); border: 1px solid var(--line); border-radius: 16px; overflow: hidden; min-width: 0; }
.picture { display: grid; place-items: center; width: 100%; aspect-ratio: 1 / 1.16; background: var(--mat) center / contain no-repeat; color: #6b665e; font-size: 13px; }
.picture img { width: 100%; height: 100%; object-fit: contain; display: block; min-height: 0; }
.picture.close img { object-fit: cover; }
.hero .picture { aspect-ratio: 1 / 1.3; }
.picture i { width: 50%; aspect-ratio: 1; border-radius: 50%; border: 1px solid #0002; }
.words { padding: 14px 16px 16px; }
.hero .words { padding: 20px 24px 24px; }
.line { display: flex; gap: 10px; justify-content: space-between; align-items: baseline; }
.kind { font-size: 12px; font-weight: 600; color: var(--muted); overflow-wrap: anywhere; }
.price { font-size: 13px; font-weight: 600; text-align: right; overflow-wrap: anywhere; }
.name { font-size: 15px; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; line-clamp: 3; overflow: hidden; min-height: 2.6em; margin-top: 2px; }
.name a { color: inherit; text-underline-offset: 3px; }
.score { font-size: 24px; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; margin-top: 8px; }
.score small, .muted { font-size: 12px; font-weight: 400; color: var(--muted); }
.score small { margin-left: 8px; }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden; background: var(--track); margin-top: 6px; }
.bar i { flex: none; }
.match { display: grid; grid-template-columns: 56px minmax(0, 1fr); gap: 12px; align-items: center; margin-top: 14px; min-height: 56px; }
.rule { font-size: 13px; font-weight: 600; overflow-wrap: anywhere; margin-top: 4px; }
.wheel { position: relative; display: block; width: 56px; height: 56px; }
.wheel::before { content: ""; position: absolute; inset: 4%; border-radius: 50%; background: conic-gradient(${ringHues.join(", ")}); -webkit-mask: radial-gradient(closest-side, #0000 ${wheel.inner * 100 - 1}%, #000 ${wheel.inner * 100}%); mask: radial-gradient(closest-side, #0000 ${wheel.inner * 100 - 1}%, #000 ${wheel.inner * 100}%); }
.wheel svg { position: absolute; inset: 4%; width: 92%; height: 92%; overflow: visible; color: var(--ink); }
.swatch { display: inline-block; width: 18px; height: 18px; border-radius: 5px; border: 1px solid #0003; vertical-align: -4px; margin-right: 2px; }
.swatch:last-of-type { margin-right: 8px; }
.what { font-size: 28px; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.file { font-size: 13px; color: var(--muted); overflow-wrap: anywhere; }
.vote { font-size: 14px; color: var(--muted); }
.notice { color: var(--notice); font-weight: 600; font-size: 14px; margin-top: 10px; overflow-wrap: anywhere; }
.tally { display: grid; grid-template-columns: minmax(0, 2fr) 3fr auto; gap: 6px 12px; align-items: center; font-size: 13px; margin-top: 12px; }
.tally .bar { margin: 0; }
.tally dt { overflow-wrap: anywhere; }
.tally dd { font-variant-numeric: tabular-nums; text-align: right; }
.palette { display: flex; height: 30px; border-radius: 8px; overflow: hidden; margin-top: 14px; border: 1px solid #0002; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; font-size: 12px; color: var(--muted); margin-top: 12px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
@media (min-width: 600px) and (max-width: 899px) { .hero { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); } }
@media print { .card, .hero { break-inside: avoid; } }
`;
