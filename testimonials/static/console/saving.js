// Saving in place: the bar says whether everything is saved, faults stand beside their fields, Ctrl+S saves.

const STATES = {
  saved: "Everything is saved.",
  dirty: "Not saved yet.",
  busy: "Saving…",
  done: "Saved.",
};
const NO_ANSWER = "Not saved: the server did not answer. Please try again.";
const SIGNED_OUT = "Not saved: you are signed out. Sign in in another tab, then save again.";

/**
 * @param {HTMLFormElement} form
 * @param {() => void} [after] is called when it was saved
 * @returns {{changed: () => void}}
 */
export function saving(form, after) {
  const state = form.querySelector("[data-state]");
  let edits = 0;
  let saved = 0;
  if (state) {
    state.querySelector("[data-state-words]").textContent = STATES.saved;
    form.addEventListener("input", (event) => event.target.form === form && event.target.id !== "add_language" && changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save();
    });
    addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      save();
    });
    addEventListener("beforeunload", (event) => edits !== saved && event.preventDefault());
  }
  return { changed };

  function changed() {
    edits += 1;
    tell("dirty", STATES.dirty);
  }

  function tell(tone, words) {
    if (!state) return;
    state.dataset.tone = tone;
    const place = state.querySelector("[data-state-words]");
    if (place.textContent !== words) place.textContent = words;
  }

  async function save() {
    if (state.dataset.tone === "busy") return;
    const sent = edits;
    tell("busy", STATES.busy);
    const [fault, faults] = await post(form.action, new FormData(form));
    mark(form, faults);
    if (fault) return tell("bad", fault);
    saved = sent;
    document.querySelector("h1").textContent = form.elements.namedItem("name").value;
    tell(edits === saved ? "saved" : "dirty", edits === saved ? STATES.done : STATES.dirty);
    after?.();
  }
}

/**
 * @param {string} address
 * @param {FormData} body
 * @returns {Promise<[string, Record<string, string[]>, any]>} a sentence where it was refused, faults by field, the answer
 */
export async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected) return [SIGNED_OUT, {}, null];
    const said = await answer.json();
    return answer.ok ? ["", {}, said] : [said.detail, said.errors ?? {}, null];
  } catch {
    return [NO_ANSWER, {}, null];
  }
}

/** Puts each fault beside its field, opens what hides it, and goes to the first. */
function mark(form, faults) {
  let first = null;
  for (const place of form.querySelectorAll("[data-error]")) {
    if (place.dataset.error === "logo") continue; // it is sent on its own
    const sentences = faults[place.dataset.error];
    place.hidden = !sentences;
    place.textContent = sentences?.join(" ") ?? "";
    const field = form.querySelector(`#${CSS.escape(place.dataset.error)}`);
    if (sentences) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    if (!sentences) continue;
    const part = place.closest("details");
    if (part) part.open = true;
    first ??= field ?? place;
  }
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
}
