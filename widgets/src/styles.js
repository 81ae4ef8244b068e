// The look. Font and color come from the page; everything here is a share of them. Sizes follow the page's own font
// size (em), targets stay 44 px. The page's custom properties win over the console's theme, which wins over these.
// build.py tidies the text between the backticks; keep it plain CSS.
const CSS = `
:host{all:initial;display:block;font:inherit;color:inherit;color-scheme:inherit;letter-spacing:inherit;visibility:inherit;-webkit-font-smoothing:inherit}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box;margin:0;padding:0}
.root{
  --accent:var(--testimonial-accent,var(--theme-accent,currentColor));
  --radius:var(--testimonial-radius,var(--theme-radius,14px));
  --gap:var(--testimonial-gap,1.25em);
  --line:rgb(128 128 128/.28);--tint:rgb(128 128 128/.12);--card:transparent;--paper:Canvas;
  display:flow-root;position:relative;line-height:1.45;overflow-wrap:break-word
}
/* White, or a whisper of it, behind dark or light ink: readable on any page, and it follows a switch to dark mode. */
@supports (color:oklch(from currentColor l c h)){.root{
  --line:color-mix(in srgb,currentColor 15%,transparent);
  --tint:color-mix(in srgb,currentColor 9%,transparent);
  --minor:color-mix(in srgb,currentColor 80%,transparent);
  --card:oklch(from currentColor 1 0 0/clamp(.06,(.6 - l)*99,.72));
  --paper:oklch(from currentColor clamp(.25,(.6 - l)*99,1) calc(c*.15) h)
}}
button,a,input{font:inherit;color:inherit;letter-spacing:inherit;background:none;border:0;border-radius:10px;text-decoration:none;cursor:pointer}
:focus{outline:none}
:focus-visible{outline:2px solid currentColor;outline-offset:2px}
b{font-weight:600}
svg{inline-size:1.25em;block-size:1.25em;flex:none;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.minor,.share{color:var(--testimonial-muted,var(--minor,inherit))}
.minor,.copy,input,.targets>*{font-size:.875em}
.status{position:absolute;clip-path:inset(50%)}

.frame{margin:-4px;padding:4px;container-type:inline-size}
.content{display:flex;gap:var(--gap);align-items:start}
.cut .frame{max-block-size:calc(var(--reserve) + 8px);overflow:hidden;scroll-padding-block-end:5em;
  mask-image:linear-gradient(#000 calc(100% - 9em),transparent calc(100% - 1.5em))}
.end{position:absolute;inset-inline:0;inset-block-end:0;display:grid;place-items:center;pointer-events:none}
.button{min-block-size:44px;padding-inline:1.25em;font-weight:500;pointer-events:auto;background:var(--paper);box-shadow:inset 0 0 0 1px var(--line)}
.button:hover{text-decoration:underline}

.column{flex:1 1 0;min-inline-size:0;display:grid;gap:var(--gap)}
.card{position:relative;display:flex;flex-direction:column;border-radius:var(--radius);
  background:var(--testimonial-surface,var(--theme-surface,var(--card)));
  box-shadow:0 0 0 1px var(--testimonial-line,var(--line))}
.words{display:flex;flex-direction:column;gap:.5em;padding:1em 1em .75em}
.quote{text-wrap:pretty;white-space:pre-line}
.text{padding-block-start:.25em}
.text .words{flex:auto}
.text .quote{font-size:1.25em}
footer{display:flex;align-items:center;justify-content:space-between;gap:.5em;margin-block-start:auto;line-height:1.35}
.who svg{inline-size:1em;block-size:1em;margin-inline-start:.35em;vertical-align:-.125em;color:var(--accent)}
.stars{font-family:system-ui,sans-serif;line-height:1;letter-spacing:.12em;color:#c67c0e}
.stars span{opacity:.28}
.round,.play{inline-size:44px;block-size:44px;flex:none;border-radius:50%;display:grid;place-items:center}
.round:hover,.round[aria-expanded=true],.targets>:hover,.copy{background:var(--tint)}
.share{margin-inline-end:-.5em}

.poster{position:relative;overflow:hidden;flex:none;aspect-ratio:var(--ratio);background:var(--tint);
  border-start-start-radius:var(--radius);border-start-end-radius:var(--radius)}
img,video,.failure{position:absolute;inset:0;inline-size:100%;block-size:100%;object-fit:cover;object-position:50% 30%}
.poster:has(.play){cursor:pointer}
video{object-fit:contain;background:#000}
.play,.duration{position:absolute;inset-block-end:.625em}
.play{inset-inline-start:.625em;background:#fff;color:#16130f;box-shadow:0 2px 10px rgb(0 0 0/.3)}
.play svg{fill:currentColor;stroke-width:3}
.play:focus-visible{outline-color:#fff;box-shadow:0 0 0 6px #000}
.duration{inset-inline-end:.625em;padding:.1em .5em;border-radius:6px;font:600 12px/1.5 system-ui,sans-serif;color:#fff;background:rgb(12 10 9/.72)}
.on>:not(video){visibility:hidden}
.failure{overflow:auto;display:grid;place-content:center;place-items:center;gap:.75em;padding:1em;text-align:center;background:var(--paper)}
.failure a{text-decoration:underline;padding:.75em}

.list .content{display:grid}
.single .content,.carousel .content{flex-direction:column;align-items:stretch;min-block-size:var(--reserve)}
.single .card,.rail{flex:auto}
.rail{display:flex;gap:var(--gap);overflow-x:auto;scroll-snap-type:x mandatory;scrollbar-width:none;margin:-4px;padding:4px;scroll-padding:4px}
.rail .card{flex:none;inline-size:min(46em,88%);scroll-snap-align:start}
.rail .card:only-child{inline-size:100%}
.rail .poster,.single .poster{flex:1 1 9em;aspect-ratio:auto}
.turns{display:flex;justify-content:center;align-items:center;gap:.5em;margin-block-start:-.5em}
.line{box-shadow:inset 0 0 0 1px var(--line)}
[aria-disabled=true]{opacity:.35}
.next svg{transform:scaleX(-1)}
.previous svg:dir(rtl){transform:scaleX(-1)}
.next svg:dir(rtl){transform:none}

.popover{inline-size:min(20em,100vw - 16px);padding:.5em;margin:auto;border:0;border-radius:14px;color:inherit;
  background:var(--paper);box-shadow:0 0 0 1px var(--line),0 20px 50px -10px rgb(0 0 0/.38)}
/* Browsers without anchors show it in the middle of the window. */
@supports (position-area:top){.popover{inset:auto;margin:8px 0;position-area:block-start span-inline-start;position-try:flip-block,flip-inline,flip-block flip-inline}}
.popover header{display:flex;justify-content:space-between;align-items:center;padding-inline-start:.5em}
.targets{display:grid;grid-template-columns:repeat(4,1fr);padding-block:.25em .5em}
.targets>*{display:grid;place-items:center;align-content:center;gap:.25em;min-block-size:5em}
.targets svg{inline-size:1.75em;block-size:1.75em;color:var(--accent)}
.copy{display:flex;align-items:center;justify-content:space-between;gap:.75em}
.copy,input{inline-size:100%;min-block-size:44px;padding-inline:.75em}
.copy span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.copy b{flex:none}

@container (min-width:600px){
  .list .card,.rail .card,.single .card{flex-direction:row}
  .list .poster{flex:0 0 17em;aspect-ratio:auto;min-block-size:12em}
  .rail .poster,.single .poster{flex:1.25 1 0;min-block-size:16em}
  .list .poster,.rail .poster,.single .poster{border-start-end-radius:0;border-end-start-radius:var(--radius)}
  .list .words,.rail .words,.single .words{flex:1 1 0;padding:1.5em 1.5em 1em}
  .list .quote,.rail .quote,.single .quote{font-size:1.3em}
}
@media (prefers-reduced-motion:no-preference){
  .rail{scroll-behavior:smooth}
  .popover{animation:in .2s cubic-bezier(.2,.8,.2,1)}
  @keyframes in{from{opacity:0;translate:0 6px}}
}
@media (forced-colors:active){.card,.popover,button,input{outline:1px solid}:focus-visible{outline-width:3px}}
`;

let sheet;

/** Constructed sheets pass a strict Content-Security-Policy of the host; a style element would need an exception. */
export function dress(root) {
  try {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.textContent = CSS;
    root.append(style);
  }
}
