/** The sound as a person sees it: bars and words on both screens, and one large calm picture where there is no camera. */
import { soundWords } from "./messages.js";
import { part, parts, write } from "./screens.js";
import { t } from "./text.js";

const BARS = 14;
const WIDE_BARS = 48;
const STILL_EVERY = 5; // with reduced motion the picture changes about twice a second, and nothing wanders

const moves = matchMedia("(prefers-reduced-motion: no-preference)");

/** What to do about a sound that does not arrive; "" where there is nothing to do. @type {Record<string, string>} */
const HELP = {
  held: t("Not the faintest sound arrives. Your microphone may be muted, or another app may be using it. Close that app or choose another microphone, then check again."),
  missing: t("You have no microphone here. That’s fine: we record the picture, and you can sign, show or write."),
  blocked: t("Your microphone is switched off for this page. You can go on with the picture alone, or allow it in your browser and check again."),
  inuse: t("Another app has your microphone. Close it and check again, or go on with the picture alone."),
};

export class SoundPicture {
  #levels = /** @type {number[]} */ ([]);
  #drawn = 0;

  reset() {
    this.#levels = new Array(WIDE_BARS).fill(0);
  }

  /**
   * @param {number} level 0 to 1 @param {import("./meter.js").Sound} sound
   * @param {"" | "missing" | "blocked" | "inuse"} silentBecause why there is no microphone, where there is none
   */
  draw(level, sound, silentBecause) {
    this.#levels.push(level);
    this.#levels.shift();
    const recent = this.#levels.slice(-BARS);
    for (const meter of parts("meter")) {
      recent.forEach((height, index) => {
        const bar = /** @type {HTMLElement} */ (meter.children[index]);
        bar.style.blockSize = `${Math.round(18 + height * 82)}%`;
        bar.className = height < 0.12 ? "" : sound === "loud" ? "hot" : "lit";
      });
    }
    write("sound-words", soundWords[sound]);
    write("record-words", soundWords[sound]);
    part("sound-mark").classList.toggle("wait", ["silent", "none", "held"].includes(sound));
    const help = HELP[sound === "none" ? silentBecause : sound] ?? "";
    part("sound-help").hidden = !help;
    write("sound-help-words", help);
    const wave = /** @type {HTMLCanvasElement} */ (part("wave"));
    if (!wave.hidden) this.#paint(wave);
  }

  /** @param {HTMLCanvasElement} wave */
  #paint(wave) {
    this.#drawn += 1;
    if (!moves.matches && this.#drawn % STILL_EVERY) return;
    const scale = Math.min(2, devicePixelRatio || 1);
    const width = wave.clientWidth * scale;
    const height = wave.clientHeight * scale;
    if (wave.width !== width || wave.height !== height) Object.assign(wave, { width, height });
    const brush = wave.getContext("2d");
    if (!brush) return;
    const step = width / WIDE_BARS;
    const thick = step * 0.5;
    const steady = Math.max(...this.#levels.slice(-STILL_EVERY));
    brush.clearRect(0, 0, width, height);
    brush.fillStyle = getComputedStyle(wave).color;
    for (let at = 0; at < WIDE_BARS; at += 1) {
      const bell = Math.sin((Math.PI * (at + 0.5)) / WIDE_BARS); // calm at both ends
      const level = moves.matches ? this.#levels[at] : steady;
      const tall = Math.max(thick, level * bell * height);
      brush.globalAlpha = 0.35 + 0.65 * bell;
      brush.beginPath();
      if (brush.roundRect) brush.roundRect(at * step + (step - thick) / 2, (height - tall) / 2, thick, tall, thick / 2);
      else brush.rect(at * step + (step - thick) / 2, (height - tall) / 2, thick, tall);
      brush.fill();
    }
  }
}
