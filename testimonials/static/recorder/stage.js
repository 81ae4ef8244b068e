/** The recording screen: question, clock, and what is going on, in words. It shows and decides nothing. */
import { clock, say } from "./messages.js";
import { act, announce, drawArc, part, write } from "./screens.js";
import { t } from "./text.js";

const SOON_SECONDS = 10;
const MODES = {
  count: say.getReady,
  live: say.recording.replace(/\.$/, ""),
  paused: say.paused,
  ready: t("Not recording"),
  busy: t("One moment"),
};

/** @typedef {keyof typeof MODES} Mode */
/** @typedef {{max_seconds: number, questions: {text: string, hint?: string}[], one_by_one?: boolean}} Config */

export class Stage {
  mode = /** @type {Mode} */ ("count");
  question = 0;
  #config;
  #warned = false;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    write("limit", t("of {time}", { time: clock(config.max_seconds) }));
  }

  get oneByOne() {
    return Boolean(this.#config.one_by_one) && this.#config.questions.length > 1;
  }

  get lastQuestion() {
    return this.question >= this.#config.questions.length - 1;
  }

  /** @param {number} spent seconds that are recorded already */
  reset(spent) {
    this.#warned = false;
    this.ask(0, false);
    this.clock(spent);
    this.why("");
  }

  /** @param {Mode} mode */
  show(mode) {
    this.mode = mode;
    const still = mode === "count" || mode === "busy";
    const resting = mode === "paused";
    part("live").classList.toggle("on", mode === "live");
    write("live-words", MODES[mode]);
    part("deck").hidden = mode === "ready";
    part("ready").hidden = mode !== "ready";
    part("pause-face").hidden = resting;
    part("resume-face").hidden = !resting;
    write("pause-label", resting ? say.goOn : say.pause);
    for (const name of ["pause", "stop"]) act(name).disabled = still;
    act("flip-now").disabled = still;
    act("next").disabled = mode === "busy" || (mode === "count" && !this.oneByOne);
    this.#labelNext();
    if (mode === "live") this.why("");
  }

  /** Why it does not record; "" for nothing to say. @param {string} words */
  why(words) {
    part("why").hidden = !words;
    write("why", words);
    if (words) announce(words);
  }

  /** @param {number} seconds of the whole session */
  clock(seconds) {
    const { max_seconds: limit } = this.#config;
    const soon = Math.min(SOON_SECONDS, Math.floor(limit / 2));
    const left = limit - seconds;
    write("elapsed", clock(Math.min(seconds, limit)));
    drawArc("ring", seconds / limit);
    act("stop").classList.toggle("soon", left <= soon);
    part("left").hidden = left > soon;
    if (left > soon) return;
    const words = t("Seconds left: {n}", { n: Math.max(0, Math.ceil(left - 0.05)) });
    write("left", words);
    if (!this.#warned && this.mode === "live") announce(soon === SOON_SECONDS ? say.tenLeft : words);
    this.#warned = true;
  }

  /** @param {number} index @param {boolean} aloud */
  ask(index, aloud) {
    const { questions } = this.#config;
    this.question = questions.length ? index % questions.length : 0;
    const question = questions[this.question];
    const count = questions.length > 1 ? t("Question {n} of {total}", { n: this.question + 1, total: questions.length }) : "";
    write("question", question?.text ?? say.ownWords);
    part("question-hint").hidden = !question?.hint;
    write("question-hint", question?.hint ?? "");
    write("question-count", count);
    act("skip").hidden = this.lastQuestion;
    this.#labelNext();
    if (aloud) announce(`${count}. ${question?.text ?? ""}`);
  }

  #labelNext() {
    act("next").hidden = this.#config.questions.length < 2 || (this.oneByOne && this.lastQuestion);
    write("next-label", this.mode === "count" && this.oneByOne ? t("Skip") : this.lastQuestion ? say.first : say.next);
  }

  /** 3, 2, 1. @param {() => boolean} wanted @returns {Promise<boolean>} whether it came to its end */
  async countDown(wanted) {
    const digit = part("count");
    for (const number of [3, 2, 1]) {
      digit.textContent = String(number);
      digit.hidden = false;
      digit.classList.remove("tick");
      void digit.offsetWidth; // restarts the animation
      digit.classList.add("tick");
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (!wanted()) break;
    }
    if (wanted()) digit.hidden = true;
    return wanted();
  }

  hideCount() {
    part("count").hidden = true;
  }
}
