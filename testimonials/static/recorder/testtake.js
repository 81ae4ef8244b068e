/** "Try three seconds": a take that stays in this page, to see and hear oneself before it counts. */
import { Capture } from "./capture.js";
import { platform } from "./environment.js";
import { act, announce, part, write } from "./screens.js";
import { t } from "./text.js";

const SECONDS = 3;

export class TestTake {
  #capture = /** @type {Capture | null} */ (null);
  #url = "";
  #round = 0;

  /**
   * @param {object} options
   * @param {{max_seconds: number, max_bytes: number}} options.limits
   * @param {() => {stream: MediaStream | null, audioOnly: boolean}} options.source
   * @param {() => void} options.onQuiet the devices must go off before it is played: iPhones whisper otherwise
   * @param {() => void} options.onBack back to the check
   */
  constructor(options) {
    this.options = options;
    act("try").addEventListener("click", () => void this.#start());
    act("try-back").addEventListener("click", () => this.#back());
    act("try-again").addEventListener("click", () => void this.#play());
    this.#player.addEventListener("ended", () => this.#played());
    document.addEventListener("keydown", ({ key }) => { if (key === "Escape" && this.open) this.#back(); });
  }

  get open() {
    return !part("try-sheet").hidden;
  }

  get #player() {
    return /** @type {HTMLVideoElement} */ (part("try-video"));
  }

  /** Leaves it, whatever it is doing. */
  close() {
    this.#round += 1;
    this.#capture?.abandon();
    this.#capture = null;
    if (!this.open) return;
    this.#player.pause();
    this.#player.removeAttribute("src");
    this.#player.load();
    URL.revokeObjectURL(this.#url);
    this.#swap(false);
  }

  /** @param {boolean} on */
  #swap(on) {
    part("try-sheet").hidden = !on;
    part("check-sheet").hidden = on;
  }

  #back() {
    this.close();
    this.options.onBack();
    act("try").focus({ preventScroll: true });
  }

  async #start() {
    const { stream, audioOnly } = this.options.source();
    if (!stream) return;
    const round = (this.#round += 1);
    this.#face("recording", audioOnly);
    /** @type {ArrayBuffer[]} */
    const pieces = [];
    try {
      const capture = new Capture(stream, {
        limits: this.options.limits, audioOnly, maxSeconds: SECONDS,
        onBytes: (bytes) => void pieces.push(bytes),
        onTick: (seconds) => { /** @type {HTMLProgressElement} */ (part("try-progress")).value = seconds; },
        onEnd: () => void this.#recorded(round, capture, pieces, audioOnly),
        onInterrupted: () => {},
      });
      capture.start();
      this.#capture = capture;
    } catch {
      this.#failed();
    }
  }

  /** @param {number} round @param {Capture} capture @param {ArrayBuffer[]} pieces @param {boolean} audioOnly */
  async #recorded(round, capture, pieces, audioOnly) {
    if (this.#capture !== capture) return;
    this.#capture = null;
    const { type } = await capture.stop();
    if (round !== this.#round) return;
    if (pieces.length === 0) return this.#failed();
    if (platform() === "ios") this.options.onQuiet();
    this.#url = URL.createObjectURL(new Blob(pieces, { type }));
    this.#player.src = this.#url;
    this.#face("playing", audioOnly);
    await this.#play();
  }

  async #play() {
    write("try-title", t("This is you"));
    write("try-words", t("Can you see and hear yourself well?"));
    this.#player.currentTime = 0;
    // With sound, as it was asked for by a tap. Where the browser wants another tap, "Play again" is that tap.
    await this.#player.play().catch(() => {});
  }

  #played() {
    announce(t("That was your test. Play it again, or go back to the check."));
  }

  #failed() {
    write("try-title", t("That did not work"));
    write("try-words", t("Your browser gave us no picture and no sound to try. Recording may still work, and you can always redo it."));
    part("try-progress").hidden = true;
  }

  /** @param {"recording" | "playing"} face @param {boolean} audioOnly */
  #face(face, audioOnly) {
    const playing = face === "playing";
    this.#swap(true);
    part("try-progress").hidden = playing;
    /** @type {HTMLProgressElement} */ (part("try-progress")).value = 0;
    this.#player.hidden = !playing;
    this.#player.classList.toggle("sound-only", audioOnly);
    act("try-again").hidden = !playing;
    write("try-back-label", playing ? t("Back to the check") : t("Cancel"));
    if (playing) return announce(t("This is you. Your test is playing."));
    write("try-title", t("Say something"));
    write("try-words", t("We record three seconds and play them to you. Nothing is sent."));
    part("try-title").focus({ preventScroll: true });
    announce(t("Recording three seconds. Say something."));
  }
}
