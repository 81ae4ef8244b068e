// What is done to testimonials, and undone: forms are sent in place, and each act can be taken back, one after the other.

import { swap } from "./swap.js";

const STORED = "review-acts";
const MOST = 50;
/** Acts after which a testimonial is no longer where it was, so that the next one is shown. */
const LEAVING = ["approve", "reject", "reopen", "archive", "restore"];

/** @param {(sentence: string, undo?: () => void) => void} say */
export function acts(say) {
  document.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-act], [data-bulk], [data-undo]")) return;
    event.preventDefault();
    const name = form.dataset.act || event.submitter?.value || "";
    const next = destination(form, name);
    const done = await send(form.action, new FormData(form, event.submitter), say);
    if (!done) return;
    form.querySelector("dialog[open]")?.close();
    if (done.act) remember(done.act);
    await swap(next, { focus: placeOf(form), keepTicks: !form.matches("[data-bulk]") });
    say(done.said, done.act ? undo : undefined);
  });

  async function undo() {
    const act = remembered().at(-1);
    if (!act) return say("There is nothing to undo.");
    const body = new FormData();
    body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
    const done = await send(`/console/acts/${act}/undo`, body, say);
    sessionStorage.setItem(STORED, JSON.stringify(remembered().filter((each) => each !== act)));
    if (!done) return undefined;
    const back = new URL(location.href);
    if (done.token) back.searchParams.set("id", done.token);
    await swap(back.href, { focus: ".row[aria-current]" });
    return say(done.said);
  }

  return { undo };
}

/** The row that comes after the one that is shown, or before it at the end. */
export function neighbor(step) {
  const rows = [...document.querySelectorAll(".row")];
  return rows[rows.findIndex((row) => row.hasAttribute("aria-current")) + step];
}

function destination(form, name) {
  const here = new URL(location.href);
  here.searchParams.delete("acted");
  const shown = document.querySelector("[data-detail]")?.dataset.token;
  if (form.matches("[data-bulk]") || !shown) {
    here.searchParams.delete("id");
    return here.href;
  }
  const all = document.querySelector("[data-review]")?.dataset.status === "all";
  if (LEAVING.includes(name) && !all) {
    const next = neighbor(1) ?? neighbor(-1);
    if (next) return next.href;
    here.searchParams.delete("id");
    return here.href;
  }
  here.searchParams.set("id", shown);
  return here.href;
}

/** Whoever adds a tag adds another one; after a verdict, the next one in the list. */
function placeOf(form) {
  if (form.matches("[data-tagging]")) return "[data-tagging] [name=tags]";
  if (form.matches("[data-feature]")) return "[data-feature] button";
  return ".row[aria-current]";
}

/** Sends a form; a refusal becomes a sentence. */
async function send(address, body, say) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected) {
      say("You are signed out. Nothing was changed; please sign in again.");
      return null;
    }
    const said = await answer.json();
    if (answer.ok) return said;
    say(said.detail);
  } catch {
    say("The server did not answer. Nothing was changed; please try again.");
  }
  return null;
}

function remember(act) {
  sessionStorage.setItem(STORED, JSON.stringify([...remembered(), act].slice(-MOST)));
}

function remembered() {
  return JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
}
