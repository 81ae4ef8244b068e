/** The two screens over the live picture: the device check, and the recording itself with its questions and clock. */
import { Capture, cameraName, closeStream, openCamera } from "./capture.js";
import { keepAwake } from "./environment.js";
import { clock, lightWords, say, soundWords } from "./messages.js";
import { listen, wakeAudio, watchLight } from "./meter.js";
import { act, announce, drawArc, part, parts, show, write } from "./screens.js";

const COUNTDOWN = [3, 2, 1];
const SOON_SECONDS = 10;

export class Camera {
  #stream = /** @type {MediaStream | null} */ (null);
  #capture = /** @type {Capture | null} */ (null);
  #audio = /** @type {AudioContext | null} */ (null);
  #levels = /** @type {number[]} */ ([]);
  #stops = /** @type {(() => void)[]} */ ([]);
  #visit = 0; // a late answer of a check that was left is told apart by it
  #question = 0;
  #warned = false;
  #closing = false;

  /**
   * @param {object} options
   * @param {{max_seconds: number, max_bytes: number, questions: {text: string, hint?: string}[]}} options.config
   * @param {(problem: unknown) => void} options.onProblem
   * @param {() => void} options.onSlow
   * @param {(type: string) => (bytes: ArrayBuffer) => Promise<void>} options.onStart gives the place for the bytes
   * @param {(result: {seconds: number, reason: string}) => void} options.onDone
   */
  constructor(options) {
    this.options = options;
    part("limit").textContent = clock(options.config.max_seconds);
    act("record").addEventListener("click", () => void this.#countDown());
    act("stop").addEventListener("click", () => void this.#finish("stopped"));
    act("pause").addEventListener("click", () => this.#togglePause());
    act("next").addEventListener("click", () => this.#showQuestion(this.#question + 1));
    document.addEventListener("visibilitychange", () => document.hidden && this.#interrupted());
  }

  get recording() {
    return Boolean(this.#capture);
  }

  /** Must be called inside a tap. */
  async open() {
    this.close();
    const visit = this.#visit;
    this.#audio = wakeAudio();
    this.#asking(true);
    show("check");
    announce(say.asking);
    try {
      const stream = await openCamera({ onSlow: () => visit === this.#visit && this.options.onSlow() });
      if (visit !== this.#visit) return closeStream(stream);
      this.#stream = stream;
      await this.#preview(stream);
    } catch (error) {
      if (visit === this.#visit) this.options.onProblem(error);
    }
  }

  /** Leaves both screens: everything that listens, looks or records ends here. */
  close() {
    this.#visit += 1;
    for (const stop of this.#stops.splice(0)) stop();
    closeStream(this.#stream);
    this.#stream = null;
    this.#capture = null;
    void this.#audio?.close().catch(() => {});
    this.#audio = null;
    /** @type {HTMLVideoElement} */ (part("preview")).srcObject = null;
  }

  /** @param {boolean} asking */
  #asking(asking) {
    write("check-title", asking ? say.askTitle : say.checkTitle);
    part("check-asking").hidden = !asking;
    part("checks").hidden = asking;
    part("check-note").hidden = asking;
    act("record").disabled = asking;
    act("record").hidden = asking;
  }

  /** @param {MediaStream} stream */
  async #preview(stream) {
    const preview = /** @type {HTMLVideoElement} */ (part("preview"));
    preview.srcObject = stream;
    await preview.play().catch(() => {});
    this.#levels = new Array(14).fill(0);
    this.#asking(false);
    show("check");
    announce(say.checkReady);
    write("camera-words", cameraName(stream));
    this.#stops.push(
      listen(this.#audio, stream, (level, sound) => this.#drawSound(level, sound)),
      watchLight(preview, (light) => {
        write("light-words", lightWords[light]);
        part("light-mark").classList.toggle("wait", light !== "good");
      }));
  }

  /** @param {number} level @param {import("./meter.js").Sound} sound */
  #drawSound(level, sound) {
    this.#levels.push(level);
    this.#levels.shift();
    for (const meter of parts("meter")) {
      this.#levels.forEach((height, index) => {
        const bar = /** @type {HTMLElement} */ (meter.children[index]);
        bar.style.blockSize = `${Math.round(18 + height * 82)}%`;
        bar.className = height < 0.12 ? "" : sound === "loud" ? "hot" : "lit";
      });
    }
    write("sound-words", soundWords[sound]);
    write("record-words", soundWords[sound]);
    part("sound-mark").classList.toggle("wait", sound === "silent" || sound === "none");
  }

  async #countDown() {
    const visit = this.#visit;
    this.#showQuestion(0);
    this.#setLive(false, say.getReady);
    this.#drawClock(0);
    for (const name of ["pause", "stop"]) act(name).disabled = true;
    show("record");
    announce(say.countdown);
    const digit = part("count");
    for (const number of COUNTDOWN) {
      digit.textContent = String(number);
      digit.hidden = false;
      digit.classList.remove("tick");
      void digit.offsetWidth; // restarts the animation
      digit.classList.add("tick");
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (visit !== this.#visit) return;
    }
    digit.hidden = true;
    this.#record();
  }

  #record() {
    const { config, onStart } = this.options;
    const stream = /** @type {MediaStream} */ (this.#stream);
    this.#warned = this.#closing = false;
    try {
      /** @type {(bytes: ArrayBuffer) => Promise<void>} */
      let keep = async () => {};
      const capture = new Capture(stream, {
        maxSeconds: config.max_seconds, maxBytes: config.max_bytes,
        onBytes: (bytes) => keep(bytes),
        onTick: (seconds) => this.#tick(seconds),
        onEnd: (reason) => void this.#finish(reason),
        onInterrupted: () => this.#interrupted(),
      });
      capture.start();
      this.#capture = capture;
      keep = onStart(capture.type);
    } catch (error) {
      this.options.onProblem(error);
      return;
    }
    for (const name of ["pause", "stop"]) act(name).disabled = false;
    this.#setLive(true, say.recording);
    announce(say.recording);
    act("stop").focus({ preventScroll: true });
    void keepAwake().then((release) => this.#stops.push(release));
  }

  /** The bytes reached the campaign's limit. */
  full() {
    void this.#finish("size");
  }

  /** @param {string} reason stopped, limit, size, device or broken */
  async #finish(reason) {
    const capture = this.#capture;
    if (!capture || this.#closing) return;
    this.#closing = true;
    act("stop").disabled = true;
    const { seconds } = await capture.stop();
    this.close(); // tracks end before anything is played back
    this.options.onDone({ seconds: Math.min(seconds, this.options.config.max_seconds), reason });
  }

  #togglePause() {
    const capture = this.#capture;
    if (!capture) return;
    if (capture.paused) capture.resume();
    else capture.pause();
    this.#setLive(!capture.paused, capture.paused ? say.paused : say.recording);
    announce(capture.paused ? say.paused : say.resumed);
  }

  /** A call came in, or the page went to the back: better a pause than a frozen picture in the middle. */
  #interrupted() {
    if (!this.#capture || this.#capture.paused || this.#closing) return;
    this.#capture.pause();
    this.#setLive(false, say.paused);
    announce(say.pausedAway);
  }

  /** @param {boolean} on @param {string} words */
  #setLive(on, words) {
    const resting = !on && words === say.paused;
    part("live").classList.toggle("on", on);
    write("live-words", words.replace(/\.$/, ""));
    part("pause-face").hidden = resting;
    part("resume-face").hidden = !resting;
    write("pause-label", resting ? say.goOn : say.pause);
  }

  /** @param {number} seconds */
  #tick(seconds) {
    this.#drawClock(seconds);
    const left = this.options.config.max_seconds - seconds;
    if (left > SOON_SECONDS || this.#warned || this.options.config.max_seconds <= SOON_SECONDS * 2) return;
    this.#warned = true;
    announce(say.tenLeft);
  }

  /** @param {number} seconds */
  #drawClock(seconds) {
    const limit = this.options.config.max_seconds;
    write("elapsed", clock(seconds));
    drawArc("ring", seconds / limit);
    act("stop").classList.toggle("soon", limit - seconds <= SOON_SECONDS);
  }

  /** @param {number} index */
  #showQuestion(index) {
    const { questions } = this.options.config;
    this.#question = questions.length ? index % questions.length : 0;
    const question = questions[this.#question];
    write("question", question?.text ?? say.ownWords);
    part("question-hint").hidden = !question?.hint;
    write("question-hint", question?.hint ?? "");
    write("question-count", questions.length > 1 ? `Question ${this.#question + 1} of ${questions.length}` : "");
    act("next").hidden = questions.length < 2;
    write("next-label", this.#question === questions.length - 1 ? say.first : say.next);
    if (this.#capture) announce(question?.text ?? "");
  }
}
