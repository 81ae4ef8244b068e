// The logo is saved as soon as it is chosen, apart from the large form.

import { post } from "./saving.js";

/** @param {(sentence: string) => void} say */
export function logo(say) {
  const choose = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-logo-form]"));
  const remove = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-logo-remove]"));
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#logo"));
  if (!choose || !remove || !field) return;

  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (!file) return;
    if (file.size > Number(field.dataset.most)) return complain("A logo has at most 2 MB. Please choose a smaller file.");
    field.ariaBusy = "true";
    const [fault, , said] = await post(choose.action, new FormData(choose));
    field.ariaBusy = null;
    if (fault) return complain(fault);
    show(said.logo_url);
    say("The logo is saved.");
  });
  remove.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [fault, , said] = await post(remove.action, new FormData(remove));
    if (fault) return complain(fault);
    show(said.logo_url);
    say("The logo is removed.");
    field.focus();
  });

  /** @param {string | null} address */
  function show(address) {
    complain("");
    field.value = "";
    for (const picture of document.querySelectorAll("[data-logo-picture], [data-preview-logo]")) {
      picture.src = address ?? "";
      picture.hidden = !address;
    }
    document.querySelector("[data-logo-box]").hidden = !address;
    document.querySelector("[data-preview-mark]").hidden = Boolean(address);
  }

  function complain(sentence) {
    const place = document.querySelector('[data-error="logo"]');
    place.textContent = sentence;
    place.hidden = !sentence;
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}
