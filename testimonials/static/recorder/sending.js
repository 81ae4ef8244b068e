/** How far a take has got on its way: the line above the form, and the screen of its own where it is waited for. */
import { amount, amountOf, kept, pillWords, say, sendingWords } from "./messages.js";
import { act, announce, drawArc, part, screen, show, write } from "./screens.js";

/** @param {import("./take.js").Take} take */
export function draw(take) {
  const { acknowledged, total, finished, complete, trouble } = take.progress;
  write("pill-words", pillWords(take.progress, take.kind === "video"));
  write("pill-amount", complete ? amount(total) : amountOf(acknowledged, total));
  drawArc("pill-arc", total ? acknowledged / total : 0);
  if (screen() !== "sending") return;
  const [title, words] = sendingWords(take.progress, take.kind === "video");
  const titleChanged = part("sending-title").textContent !== title;
  write("sending-title", title);
  write("sending-words", words);
  if (titleChanged && finished) announce(`${title} ${words}`);
  drawArc("sending-arc", total ? acknowledged / total : 0);
  part("sending-ring").classList.toggle("away", Boolean(trouble));
  part("sending-badge").hidden = !trouble;
  act("retry").hidden = !trouble;
}

/** @param {import("./take.js").Take} take */
export function open(take) {
  const [lead, rest] = take.kept ? kept.safe : say.safeHere;
  part("sending-safe").replaceChildren(Object.assign(document.createElement("b"), { textContent: lead }), ` ${rest}`);
  show("sending");
  draw(take);
}

/** The button of the last screen while it works. @param {boolean} on */
export function busy(on) {
  const button = act("send");
  const words = /** @type {HTMLElement} */ (button.querySelector("span"));
  button.setAttribute("aria-busy", String(on));
  button.dataset.idle ??= words.textContent ?? "";
  words.textContent = on ? say.sending : button.dataset.idle;
}
