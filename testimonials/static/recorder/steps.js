/** How far people come, for the business to see where they give up: counted once a page, and nothing of who it was. */
import { config } from "./config.js";

/** @typedef {"opened" | "chosen" | "asked" | "allowed" | "started" | "taken" | "made" | "form" | "sent"} Step */

const told = new Set();

/** The answer is not waited for, and a page that goes away does not lose it. @param {Step[]} steps */
export function reached(...steps) {
  const fresh = steps.filter((step) => !told.has(step));
  if (!config.steps || fresh.length === 0) return;
  for (const step of fresh) told.add(step);
  fetch(config.steps, { method: "POST", body: JSON.stringify({ steps: fresh }), keepalive: true }).catch(() => {});
}

/** Opened is a second in view: pages that are loaded ahead, or behind another one, are not. Not the second of two devices. */
let seen = 0;
const watch = setInterval(() => {
  seen = document.hidden ? 0 : seen + 250;
  if (seen < 1000) return;
  clearInterval(watch);
  if (!config.handoff) reached("opened");
}, 250);
