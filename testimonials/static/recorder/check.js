/** The device check: what the camera sees, what the microphone hears, and which of them are used. */
import { cameraName, deviceName } from "./devices.js";
import { lightWords, say } from "./messages.js";
import { act, part, write } from "./screens.js";
import { t } from "./text.js";

export class Check {
  #devices;

  /**
   * @param {import("./devices.js").Devices} devices
   * @param {(choice: import("./devices.js").Choice) => void} onPick
   * @param {() => void} onAgain the microphone is to be opened once more
   */
  constructor(devices, onPick, onAgain) {
    this.#devices = devices;
    this.#picker("camera").addEventListener("change", ({ target }) => onPick({ camera: /** @type {HTMLSelectElement} */ (target).value }));
    this.#picker("microphone").addEventListener("change", ({ target }) => onPick({ microphone: /** @type {HTMLSelectElement} */ (target).value }));
    act("sound-again").addEventListener("click", onAgain);
  }

  /** @param {string} name */
  #picker(name) {
    return /** @type {HTMLSelectElement} */ (part(`pick-${name}`));
  }

  /** Before the browser has answered. @param {boolean} audioOnly */
  asking(audioOnly) {
    write("check-title", audioOnly ? t("May we use your microphone?") : say.askTitle);
    this.#face(true, audioOnly);
  }

  /** @param {MediaStream} stream @param {boolean} audioOnly */
  ready(stream, audioOnly) {
    write("check-title", audioOnly ? t("Sounds good. Say hello?") : say.checkTitle);
    this.#face(false, audioOnly);
    this.draw(stream);
  }

  /** The names and the choice. @param {MediaStream} stream */
  draw(stream) {
    const { cameras, microphones } = this.#devices;
    const [picture, sound] = [stream.getVideoTracks()[0], stream.getAudioTracks()[0]];
    this.#fill("camera", cameras, picture);
    this.#fill("microphone", microphones, sound);
    write("camera-words", cameraName(stream));
    const several = cameras.length > 1;
    part("camera-words").hidden = several;
    part("microphone-row").hidden = microphones.length < 2 || !sound;
    act("flip").hidden = !several || !picture;
  }

  /** @param {"dark" | "good" | "glaring"} light */
  light(light) {
    write("light-words", lightWords[light]);
    part("light-mark").classList.toggle("wait", light !== "good");
  }

  /** @param {string} name @param {MediaDeviceInfo[]} devices @param {MediaStreamTrack | undefined} track in use */
  #fill(name, devices, track) {
    const picker = this.#picker(name);
    const { deviceId, label } = { deviceId: track?.getSettings().deviceId, label: track?.label };
    picker.hidden = devices.length < 2;
    picker.replaceChildren(...devices.map((device, index) => new Option(
      deviceName(device.label) || t("Device {n}", { n: index + 1 }), device.deviceId, false,
      deviceId ? device.deviceId === deviceId : device.label === label)));
  }

  /** @param {boolean} asking @param {boolean} audioOnly */
  #face(asking, audioOnly) {
    part("check-asking").hidden = !asking;
    part("checks").hidden = asking;
    part("check-more").hidden = asking;
    part("check-note").hidden = asking;
    part("guide").hidden = asking || audioOnly;
    part("camera-row").hidden = part("light-row").hidden = audioOnly;
    act("record").disabled = asking;
    act("record").hidden = asking;
    if (asking) part("sound-help").hidden = act("flip").hidden = true;
  }
}
