// The review page: J and K move, A approves, R asks why and rejects, Z takes the last verdict back.

/**
 * @param {HTMLElement} page the main part of any console page; without a list only the last verdict can be taken back
 * @param {(sentence: string, undo?: () => void) => void} say shows a toast
 */
export function review(page, say) {
  let last = remembered();
  if (last?.said) {
    const { said } = last;
    last.said = "";
    keep(last);
    say(said, undo);
  }
  page.addEventListener("submit", onVerdict);
  page.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  followProgress(page.querySelector("[data-detail]"));

  function onClick(event) {
    if (event.target.closest("[data-open]")) page.querySelector("#reject").showModal();
    if (event.target.closest("[data-close]")) page.querySelector("#reject").close();
  }

  async function onVerdict(event) {
    const form = event.target.closest("form[data-verdict]");
    if (!form) return;
    event.preventDefault();
    const next = neighbor(1) ?? neighbor(-1);
    const done = await send(form.action, new FormData(form), say);
    if (!done) return;
    const undoable = form.dataset.verdict !== "reopen";
    last = undoable ? { token: done.token, said: done.said, csrf: csrf(form) } : null;
    keep(last ?? { said: "" });
    location.assign(next ? next.href : `${location.pathname}?status=${page.querySelector("[data-review]").dataset.status}`);
  }

  async function undo() {
    if (!last?.token) return;
    const body = new FormData();
    body.set("csrf_token", last.csrf);
    const { token } = last;
    if (await send(`/console/testimonials/${token}/reopen`, body, say)) {
      sessionStorage.removeItem("last-verdict");
      location.assign(`${location.pathname}?status=pending&id=${token}`);
    }
  }

  function neighbor(step) {
    const rows = [...page.querySelectorAll(".row")];
    return rows[rows.findIndex((row) => row.hasAttribute("aria-current")) + step];
  }

  function onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, dialog[open]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { j: () => neighbor(1)?.click(), k: () => neighbor(-1)?.click(), z: undo }[event.key.toLowerCase()]
      ?? { a: () => press("[data-verdict=approve] button"), r: () => press("[data-open=reject]") }[event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  function press(selector) {
    page.querySelector(selector)?.click();
  }
}

/** Sends a verdict; a refusal becomes a sentence. */
async function send(address, body, say) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (answer.ok) return said;
    say(said.detail);
  } catch {
    say("The server did not answer. Nothing was changed; please try again.");
  }
  return null;
}

/** While a clip is being prepared, shows how far it is, and the clip itself once it is there. */
function followProgress(detail) {
  if (!detail) return;
  if (["ready", "failed"].includes(detail.dataset.media)) {
    followWork(detail);
    return;
  }
  const line = detail.querySelector("[data-progress]");
  const bar = detail.querySelector("progress");
  const look = async () => {
    try {
      const state = await (await fetch(detail.dataset.state)).json();
      if (["ready", "failed"].includes(state.media)) return location.reload();
      line.textContent = state.stage === "transcoding" ? `Preparing the video: ${state.percent} %` : line.textContent;
      bar.value = state.percent;
    } catch { /* the next look may go through */ }
    return setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
}

/** While something is added to a clip that plays, looks whether it is there; never while somebody watches or writes. */
function followWork(detail) {
  const before = Number(detail.dataset.working);
  if (!before) return;
  const busy = () => {
    const video = detail.querySelector("video");
    const editing = detail.querySelector("details[open] form:focus-within, textarea[data-changed]");
    return editing || (video && video.currentTime > 0) || document.querySelector("dialog[open]");
  };
  detail.addEventListener("input", (event) => { if (event.target.matches("textarea")) event.target.dataset.changed = "yes"; });
  const look = async () => {
    try {
      const state = await (await fetch(detail.dataset.state)).json();
      if (state.working < before && !busy()) return location.reload();
    } catch { /* the next look may go through */ }
    return setTimeout(look, 3000);
  };
  setTimeout(look, 3000);
}

const csrf = (form) => form.querySelector("[name=csrf_token]")?.value ?? "";
const keep = (verdict) => sessionStorage.setItem("last-verdict", JSON.stringify(verdict));
const remembered = () => JSON.parse(sessionStorage.getItem("last-verdict") ?? "null");
