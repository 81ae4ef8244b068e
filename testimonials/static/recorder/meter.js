/** What the microphone hears and how much light the camera sees, as numbers and as states that messages.js puts into words. */

const SILENT_DB = -62;
const QUIET_DB = -44;
const CLIPPING_DB = -1;
const ZERO_DB = -139;
const ZEROS_MS = 2500; // a live microphone always rustles a little; nothing at all means that somebody holds it
const SETTLE_MS = 1400; // a word that changes with every syllable helps nobody
const DARK = 46;
const GLARING = 226;

/**
 * @typedef {"none" | "held" | "on" | "silent" | "quiet" | "good" | "loud"} Sound held: nothing but zeros; on: it cannot be heard here
 * @param {AudioContext | null} context @param {MediaStream} stream
 * @param {(level: number, sound: Sound) => void} onLevel level from 0 to 1, about 12 times a second
 * @returns {() => void} stop
 */
export function listen(context, stream, onLevel) {
  if (!context || stream.getAudioTracks().length === 0) {
    onLevel(0, "none");
    return () => {};
  }
  const source = context.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0.4 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const now = performance.now();
  const state = { sound: /** @type {Sound} */ ("good"), since: 0, heardAt: now, aliveAt: now, clippedAt: -1e9 };
  const timer = setInterval(() => {
    if (context.state !== "running") return onLevel(0, "on"); // zeros would say nothing about the microphone
    analyser.getFloatTimeDomainData(samples);
    const { rms, peak } = loudness(samples);
    onLevel(Math.min(1, Math.max(0, (rms + 65) / 53)), judge(state, rms, peak, performance.now()));
  }, 80);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}

/** @param {Float32Array} samples @returns {{rms: number, peak: number}} in dB below full scale */
function loudness(samples) {
  let sum = 0;
  let peak = 0;
  for (const sample of samples) {
    sum += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const db = (/** @type {number} */ value) => 20 * Math.log10(Math.max(value, 1e-7));
  return { rms: db(Math.sqrt(sum / samples.length)), peak: db(peak) };
}

/**
 * People pause between words: loud enough counts for three seconds, too loud for two.
 * @param {{sound: Sound, since: number, heardAt: number, aliveAt: number, clippedAt: number, quietAt?: number}} state
 * @param {number} rms @param {number} peak @param {number} now @returns {Sound}
 */
function judge(state, rms, peak, now) {
  if (rms > QUIET_DB) state.heardAt = now;
  if (rms > SILENT_DB) state.quietAt = now;
  if (peak > CLIPPING_DB) state.clippedAt = now;
  if (peak > ZERO_DB) state.aliveAt = now;
  /** @type {Sound} */
  let sound = now - state.aliveAt > ZEROS_MS ? "held" : "silent";
  if (now - state.clippedAt < 2000) sound = "loud";
  else if (now - state.heardAt < 3000) sound = "good";
  else if (now - (state.quietAt ?? -1e9) < 3000) sound = "quiet";
  if (sound !== state.sound && now - state.since > SETTLE_MS) Object.assign(state, { sound, since: now });
  return state.sound;
}

/**
 * @param {HTMLVideoElement} video
 * @param {(light: "dark" | "good" | "glaring") => void} onLight about once a second
 * @returns {() => void} stop
 */
export function watchLight(video, onLight) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 24 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const look = () => {
    if (!brush || video.videoWidth === 0) return;
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    const mean = sum / (data.length / 4);
    onLight(mean < DARK ? "dark" : mean > GLARING ? "glaring" : "good");
  };
  const timer = setInterval(look, 900);
  video.addEventListener("playing", look, { once: true });
  return () => clearInterval(timer);
}
