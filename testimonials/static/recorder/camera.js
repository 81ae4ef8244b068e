/** The camera as the recorder knows it. What it is made of is fetched at the first tap, so that the page itself stays small. */
import { CameraProblem } from "./environment.js";
import { bindFallbacks } from "./fallbacks.js";

const OPENERS = '[data-act="camera"], [data-act="audio"], [data-act="again"], [data-act="add-kept"], [data-act="camera-again"]';
const STYLES = new URL("../css/camera.css", import.meta.url).href;

/**
 * @typedef {object} CameraOptions
 * @property {import("./stage.js").Config & {campaign: string, max_bytes: number}} config
 * @property {(problem: unknown) => void} onProblem nothing can be recorded, and nothing was
 * @property {() => void} onSlow the browser does not answer; its answer is taken all the same, if it comes
 * @property {(type: string, about: import("./session.js").About) => (bytes: ArrayBuffer) => Promise<void>} onStart
 *   a segment begins; `type` is its container without codecs; gives the place for its bytes
 * @property {(result: {seconds: number}) => void} onSegment this segment is complete, and another one follows
 * @property {(result: {seconds: number, reason: string}) => void} onDone the last segment is complete; reason: stopped, limit,
 *   size, device or broken. When every question was skipped there was no segment, and `seconds` is 0.
 */

export class Camera {
  #studio = /** @type {import("./studio.js").Studio | null} */ (null);
  #visit = 0; // leaving, or asking again, makes an answer that comes later worthless

  /** @param {CameraOptions} options */
  constructor(options) {
    this.options = options;
    bindFallbacks();
    // A finger that goes down will most likely be a tap: by then half of it is here.
    for (const kind of ["pointerdown", "focusin"]) {
      document.addEventListener(kind, ({ target }) => {
        if (target instanceof Element && target.closest(OPENERS)) void this.#load().catch(() => {});
      });
    }
  }

  /** Whether there is something that would be lost by leaving. */
  get recording() {
    return Boolean(this.#studio?.recording);
  }

  /**
   * Must be called inside a tap.
   * @param {{audioOnly?: boolean, already?: number}} [how] already: seconds that earlier segments of this take hold
   */
  async open({ audioOnly = false, already = 0 } = {}) {
    this.close();
    const visit = this.#visit;
    const audio = wakeAudio();
    try {
      await this.#load();
    } catch {
      if (visit === this.#visit) this.options.onProblem(new CameraProblem("unloaded"));
    }
    if (visit === this.#visit && this.#studio) return this.#studio.open({ audioOnly, already, audio });
    void audio?.close().catch(() => {});
  }

  /** Leaves both screens: everything that listens, looks or records ends here. */
  close() {
    this.#visit += 1;
    this.#studio?.close();
  }

  /** The bytes reached the campaign's limit. */
  full() {
    this.#studio?.full();
  }

  async #load() {
    const [{ Studio }] = await Promise.all([import("./studio.js"), dressed()]);
    this.#studio ??= new Studio(this.options);
  }
}

/** The styles of both screens. @returns {Promise<unknown>} */
function dressed() {
  if ([...document.styleSheets].some((sheet) => sheet.href === STYLES)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLES });
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => { link.remove(); reject(new Error("no styles")); });
  });
  document.head.append(link);
  return loaded;
}

/** Made inside the tap, or iOS keeps the audio clock standing and the meter flat. @returns {AudioContext | null} */
function wakeAudio() {
  try {
    const context = new AudioContext();
    void context.resume();
    return context;
  } catch {
    return null;
  }
}
