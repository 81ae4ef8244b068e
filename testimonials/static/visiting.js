/** What a page of ours tells about a visit: to the ledger once for each act, to the counts of plays as they go on. */

/** @typedef {(act: "visit" | "play" | "click") => void} Tell */

/** The ledger of shares. Once each; the server counts each once a day anyway. @param {DOMStringMap} page @returns {Tell} */
export function teller({ visits = "", via = "", nonce = "" }) {
  const told = new Set();
  return (act) => {
    if (told.has(act)) return;
    told.add(act);
    fetch(visits, { method: "POST", body: JSON.stringify({ via, nonce, act }), keepalive: true }).catch(() => told.delete(act));
  };
}

/** A visit is a second in view. A page that is opened in the background has not been visited. @param {Tell} tell */
export function whenSeen(tell) {
  let seen = 0;
  const watch = setInterval(() => {
    seen = document.hidden ? 0 : seen + 250;
    if (seen < 1000) return;
    tell("visit");
    clearInterval(watch);
  }, 250);
}

/** Plays by seconds really watched, not by where the playhead stands. @param {HTMLVideoElement} video @param {DOMStringMap} page @param {Tell} tell */
export function countPlays(video, { events = "", token = "" }, tell) {
  /** The answer is not waited for, and a page that goes away does not lose it. @param {string} type @param {number | null} [value] */
  const report = (type, value = null) => {
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const body = JSON.stringify({ events: [{ id, type, testimonial: token, value }] });
    fetch(events, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  const watched = new Set();
  const reached = new Set();
  video.addEventListener("playing", () => { report("play"); tell("play"); }, { once: true });
  video.addEventListener("timeupdate", () => {
    if (video.paused || !video.duration) return;
    watched.add(Math.floor(video.currentTime));
    const part = (100 * watched.size) / Math.max(1, Math.floor(video.duration));
    for (const quarter of [25, 50, 75]) {
      if (part >= quarter && !reached.has(quarter)) { reached.add(quarter); report("quartile", quarter); }
    }
    if (part >= 95 && !reached.has(100)) { reached.add(100); report("complete"); }
  });
}
