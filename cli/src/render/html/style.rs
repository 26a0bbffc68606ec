//! How the page looks: the reader's own fonts, light or dark as the reader's system is, and colours
//! that never carry a meaning alone.

/// The style sheet.
pub(super) const SHEET: &str = "\
:root { --paper: #fff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --good: #1a7f37;
  --doubtful: #8a5a00; --bad: #cf222e; --bar: #0969da; --one: #0969da; --two: #bf5700;
  --three: #6639ba; --four: #1a7f37; --five: #a40e66; --six: #57606a; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --good: #3fb950;
    --doubtful: #d29922; --bad: #ff7b72; --bar: #4493f8; --one: #4493f8; --two: #ffa657;
    --three: #b392f0; --four: #3fb950; --five: #f778ba; --six: #9198a1; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.good { color: var(--good); } .doubtful, .warning { color: var(--doubtful); }
.bad, .error { color: var(--bad); } .faint { color: var(--faint); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
li { margin-bottom: .5rem; } details { margin-top: 1rem; } summary { cursor: pointer; }
footer { margin-top: 3rem; font-size: .85rem; }
th, td { overflow-wrap: normal; } code { font-size: .9em; }
.chart { font-size: .9rem; font-variant-numeric: tabular-nums; }
.line { display: grid; grid-template-columns: 11rem 1fr 13rem; gap: 0 1rem; align-items: center; }
.line svg { display: block; width: 100%; height: 1.6em; } .entry { margin-right: 1rem; white-space: nowrap; }
.entry svg { width: .8em; height: .8em; }
@media (max-width: 40rem) {
  .line { grid-template-columns: 1fr auto; margin-bottom: .4rem; }
  .line svg { grid-column: 1 / -1; order: 3; height: 1em; }
}
svg .limit { stroke: var(--ink); stroke-width: 2; vector-effect: non-scaling-stroke; }
svg .bar { fill: var(--bar); } svg .over { fill: var(--bad); }
svg .part0 { fill: var(--one); } svg .part1 { fill: var(--two); } svg .part2 { fill: var(--three); }
svg .part3 { fill: var(--four); } svg .part4 { fill: var(--five); } svg .part5 { fill: var(--six); }
";
