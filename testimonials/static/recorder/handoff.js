/** Going on at the phone: a QR code with what was typed so far. This page waits, and says thank you when the phone is done. */
import { announce, part, show, write } from "./screens.js";
import { t } from "./text.js";

const POLL_MS = 2500;
let visit = 0;

/**
 * @param {{handoffs: string, invitation?: string, language?: string}} config
 * @param {Record<string, unknown>} fields what was typed so far
 * @param {(manageUrl: string) => void} onDone the phone has handed in
 * @returns {Promise<boolean>} false where no link could be made
 */
export async function handOff(config, fields, onDone) {
  const mine = (visit += 1);
  const response = await fetch(config.handoffs, {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...fields, invitation: config.invitation ?? "", language: config.language ?? "" }),
  }).catch(() => null);
  if (!response?.ok || mine !== visit) return false;
  const { url, qr, state } = await response.json();
  const code = Object.assign(new Image(), { src: `data:image/svg+xml,${encodeURIComponent(qr)}`, alt: t("QR code with the link to this page") });
  part("handoff-code").replaceChildren(code);
  /** @type {HTMLInputElement} */ (document.getElementById("handoff-link")).value = url;
  show("handoff");
  void follow(state, mine, onDone);
  return true;
}

/** The person stays here after all. */
export function leave() {
  visit += 1;
}

/** @param {string} state @param {number} mine @param {(manageUrl: string) => void} onDone */
async function follow(state, mine, onDone) {
  while (mine === visit) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const response = await fetch(state, { cache: "no-store" }).catch(() => null);
    if (mine !== visit || response?.status === 404) return;
    if (!response?.ok) continue;
    const found = await response.json();
    if (found.state === "done") return onDone(found.manage_url);
    if (found.state === "opened") {
      const words = t("Your phone has opened it. Go on there; this page will know when you are done.");
      if (part("handoff-words").textContent !== words) announce(words);
      write("handoff-words", words);
    }
  }
}
