/** The way from the first look into the camera to the last byte of a recording. Puts devices, session and both screens together.
    camera.js fetches it at the first tap: whoever only reads the page does not wait for it. */
import { Check } from "./check.js";
import { closeStream, Devices, facesPerson } from "./devices.js";
import { keepAwake } from "./environment.js";
import { say } from "./messages.js";
import { listen, watchLight } from "./meter.js";
import { Prompter } from "./prompter.js";
import { act, announce, part, screen, show } from "./screens.js";
import { Session } from "./session.js";
import { SoundPicture } from "./sound.js";
import { Stage } from "./stage.js";
import { reached } from "./steps.js";
import { TestTake } from "./testtake.js";
import { t } from "./text.js";

/** @typedef {import("./devices.js").Choice} Choice */

export class Studio {
  #stream = /** @type {MediaStream | null} */ (null);
  #session = /** @type {Session | null} */ (null);
  #audio = /** @type {AudioContext | null} */ (null);
  #listeners = /** @type {(() => void)[]} */ ([]); // of one stream
  #stops = /** @type {(() => void)[]} */ ([]); // of one visit
  #visit = 0; // a late answer of a check that was left is told apart by it
  #opening = 0; // as is the late answer for a device that was chosen before another one
  #opened = { audioOnly: false, already: 0 };
  #devices = new Devices();
  #sound = new SoundPicture();
  #check;
  #stage;
  #prompter;
  #test;

  /** @param {import("./camera.js").CameraOptions} options */
  constructor(options) {
    this.options = options;
    const { config } = options;
    this.#check = new Check(this.#devices, (choice) => void this.#pick(choice), () => void this.#reopen());
    this.#stage = new Stage(config);
    this.#prompter = new Prompter(config.campaign);
    this.#test = new TestTake({
      limits: config,
      source: () => ({ stream: this.#stream, audioOnly: this.#opened.audioOnly }),
      onQuiet: () => this.#letGo(),
      onBack: () => { if (!this.#stream) void this.#reopen(); },
    });
    this.#bind();
  }

  #bind() {
    const on = (/** @type {string} */ name, /** @type {() => unknown} */ run) => act(name).addEventListener("click", () => void run());
    on("record", () => this.#countDown());
    on("stop", () => this.#finish("stopped"));
    on("finish", () => this.#finish("stopped"));
    on("pause", () => this.#togglePause());
    on("next", () => this.#next());
    on("skip", () => this.#offer(this.#stage.question + 1));
    on("go", () => this.#begin());
    on("flip", () => this.#stream && this.#pick(this.#devices.nextCamera(this.#stream)));
    on("flip-now", () => this.#flip());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#interrupted(t("Paused, because this page was in the background. Press Go on when you are ready."));
    });
  }

  /** Whether there is something that would be lost by leaving. */
  get recording() {
    return Boolean(this.#session) && this.#stage.mode !== "count";
  }

  /** @param {{audioOnly: boolean, already: number, audio: AudioContext | null}} how */
  async open({ audioOnly, already, audio }) {
    this.close();
    const visit = this.#visit;
    this.#opened = { audioOnly, already };
    this.#audio = audio;
    part("cam").classList.toggle("sound", audioOnly);
    part("wave").hidden = !audioOnly;
    this.#check.asking(audioOnly);
    show("check");
    announce(audioOnly ? t("Your browser asks for your microphone now. Choose Allow.") : say.asking);
    await this.#reopen();
    if (!this.#stream || visit !== this.#visit) return;
    reached("allowed");
    show("check"); // its heading says something else now
    announce(audioOnly ? t("Microphone ready.") : say.checkReady);
  }

  /** Leaves both screens: everything that listens, looks or records ends here. */
  close() {
    this.#visit += 1;
    this.#opening += 1;
    this.#session?.abandon();
    this.#session = null;
    this.#test.close();
    this.#prompter.close();
    this.#stage.hideCount();
    for (const stop of this.#stops.splice(0)) stop();
    this.#letGo();
    part("wave").hidden = true;
    void this.#audio?.close().catch(() => {});
    this.#audio = null;
  }

  /** The devices go off; the screen stays. */
  #letGo() {
    for (const stop of this.#listeners.splice(0)) stop();
    closeStream(this.#stream);
    this.#stream = null;
    /** @type {HTMLVideoElement} */ (part("preview")).srcObject = null;
  }

  /** Opens what is chosen. With nothing recorded yet, a failure is a problem of its own; else what was recorded ends here. */
  async #reopen() {
    const opening = (this.#opening += 1);
    this.#letGo();
    try {
      const stream = await this.#devices.open({
        audioOnly: this.#opened.audioOnly,
        onSlow: () => opening === this.#opening && screen() === "check" && this.options.onSlow(),
      });
      if (opening !== this.#opening) return closeStream(stream);
      await this.#use(stream);
    } catch (error) {
      if (opening !== this.#opening) return;
      if (this.#session) await this.#finish("device");
      else this.options.onProblem(error);
    }
  }

  /** @param {MediaStream} stream */
  async #use(stream) {
    const { audioOnly } = this.#opened;
    const preview = /** @type {HTMLVideoElement} */ (part("preview"));
    this.#stream = stream;
    this.#sound.reset();
    part("cam").classList.toggle("away", !facesPerson(stream));
    act("flip-now").hidden = audioOnly || this.#devices.cameras.length < 2;
    if (!audioOnly) {
      preview.srcObject = stream;
      await preview.play().catch(() => {});
      this.#listeners.push(watchLight(preview, (light) => this.#check.light(light)));
    }
    if (!this.#session) {
      this.#check.ready(stream, audioOnly);
      if (screen() === "problem") show("check"); // the answer came late, and the page had begun to doubt
    }
    this.#listeners.push(
      listen(this.#audio, stream, (level, sound) => this.#sound.draw(level, sound, this.#devices.silentBecause)),
      this.#devices.watch(() => this.#stream === stream && this.#check.draw(stream)));
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => { if (this.#stream === stream && !this.#session) void this.#lost(); });
    }
  }

  /** A device was pulled out during the check: the next best one takes its place. */
  async #lost() {
    this.#devices.choose({ camera: "", microphone: "" });
    this.#test.close();
    await this.#reopen();
    if (this.#stream) announce(t("That device went away, so we took another one."));
  }

  /** @param {Choice} choice */
  async #pick(choice) {
    this.#devices.choose(choice);
    await this.#reopen();
    if (this.#stream) announce("microphone" in choice ? t("Microphone changed.") : t("Camera changed."));
  }

  async #countDown() {
    const visit = this.#visit;
    const { config, onStart, onSegment, onDone } = this.options;
    const session = new Session({
      limits: config, already: this.#opened.already, onStart, onSegment, onDone,
      onTick: (seconds) => this.#stage.clock(seconds),
      onEnd: (reason) => void this.#finish(reason),
      onInterrupted: (kind) => this.#interrupted(kind === "video" ? say.pausedAway
        : t("Paused, because your microphone was taken away for a moment, by a call perhaps. Press Go on when you are ready.")),
    });
    this.#session = session;
    this.#stage.reset(this.#opened.already);
    this.#stage.show("count");
    this.#prompter.show();
    show("record");
    announce(say.countdown);
    const wanted = () => visit === this.#visit && this.#stage.mode === "count";
    if (await this.#stage.countDown(wanted)) await this.#begin();
  }

  /** A segment begins. */
  async #begin() {
    const session = this.#session;
    if (!session || session.running) return;
    const visit = this.#visit;
    if (session.full) return this.#finish("limit");
    if (!this.#stream || this.#stream.getTracks().some((track) => track.readyState === "ended")) {
      this.#stage.show("busy");
      await this.#reopen();
      if (visit !== this.#visit || !this.#stream) return;
    }
    const { audioOnly } = this.#opened;
    try {
      session.begin(this.#stream, { question: this.options.config.questions.length ? this.#stage.question : null, audioOnly });
    } catch (error) {
      if (session.seconds > this.#opened.already) return this.#finish("broken");
      return this.options.onProblem(error);
    }
    this.#live(say.recording);
    act("stop").focus({ preventScroll: true });
    if (this.#stops.length === 0) this.#stops.push(keepAwake());
    if (document.hidden) this.#interrupted(t("Paused, because this page was in the background. Press Go on when you are ready."));
  }

  /** @param {string} words */
  #live(words) {
    this.#stage.show("live");
    this.#prompter.run();
    announce(words);
  }

  /** The bytes reached the campaign's limit. */
  full() {
    void this.#finish("size");
  }

  /** @param {string} reason stopped, limit, size, device or broken */
  async #finish(reason) {
    const session = this.#session;
    if (!session) return;
    this.#stage.show("busy");
    this.#prompter.rest();
    if (!session.running && session.seconds <= this.#opened.already) { // every question was skipped
      this.close();
      return this.options.onDone({ seconds: 0, reason });
    }
    await session.finish(reason, () => this.close()); // tracks end before anything is played back
  }

  #togglePause() {
    const session = this.#session;
    if (!session) return;
    if (this.#stage.mode === "live") {
      session.pause();
      this.#stage.show("paused");
      this.#prompter.rest();
      return announce(say.paused);
    }
    if (this.#stage.mode !== "paused") return;
    const taken = this.#stream?.getTracks().find((track) => track.muted && track.readyState === "live");
    if (taken?.kind === "video") return this.#stage.why(t("Your camera is still taken by something else. Give it a moment, then press Go on again."));
    if (!session.running) return this.#begin();
    session.resume();
    this.#live(say.resumed);
    if (taken) this.#stage.why(t("Your microphone is still taken by something else, so there is a picture and no sound."));
  }

  /** A call came in, or the page went to the back: better a pause than a frozen picture in the middle. @param {string} why */
  #interrupted(why) {
    if (this.#stage.mode !== "live" || !this.#session?.running) return;
    this.#session.pause();
    this.#prompter.rest();
    this.#stage.show("paused");
    this.#stage.why(why);
  }

  async #next() {
    const { question, oneByOne, mode } = this.#stage;
    if (!oneByOne) return this.#stage.ask(question + 1, true);
    if (mode === "count") return this.#offer(question + 1);
    this.#stage.show("busy");
    this.#prompter.rest();
    const visit = this.#visit;
    await this.#session?.hold();
    if (visit !== this.#visit || !this.#session) return;
    if (this.#session.full) return this.#finish("limit");
    this.#offer(question + 1);
  }

  /** The next question, and time to think about it. @param {number} index */
  #offer(index) {
    this.#stage.hideCount();
    this.#stage.ask(index, true);
    this.#stage.show("ready");
    act("go").focus({ preventScroll: true });
  }

  /** Another camera in the middle: its picture may have another size, so it gets a segment of its own. */
  async #flip() {
    const { mode } = this.#stage;
    const [session, stream, visit] = [this.#session, this.#stream, this.#visit];
    if (!session || !stream || mode === "busy") return;
    this.#stage.show("busy");
    this.#prompter.rest();
    const before = this.#devices.choose(this.#devices.nextCamera(stream));
    await session.hold();
    for (const stop of this.#listeners.splice(0)) stop();
    for (const track of stream.getVideoTracks()) track.stop(); // phones open one camera at a time
    let said = t("Camera changed.");
    const picture = await this.#devices.openPicture().catch(() => {
      this.#devices.choose(before);
      said = t("The other camera would not start, so this one goes on.");
      return this.#devices.openPicture();
    }).catch(() => null);
    if (visit !== this.#visit) return picture?.stop();
    if (!picture) return this.#finish("device");
    await this.#use(new MediaStream([picture, ...stream.getAudioTracks()]));
    if (mode === "live") await this.#begin();
    else this.#stage.show(mode);
    if (this.#session) announce(said);
  }
}
