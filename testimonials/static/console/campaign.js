// The page of one campaign: saving in place, questions that move, translations that follow them, the logo, the preview.

import { say } from "./console.js";
import { logo } from "./logo.js";
import { reveal } from "./parts.js";
import { preview } from "./preview.js";
import { questions } from "./questions.js";
import { suggestion } from "./suggestion.js";
import { saving } from "./saving.js";
import { translations } from "./translations.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-campaign]"));
if (form) {
  reveal(document);
  const state = saving(form);
  const follow = translations(form, () => state.changed());
  const show = preview(form);
  const read = suggestion(form);
  const rearranged = () => {
    follow();
    show();
    state.changed();
  };
  questions(form, say, rearranged);
  form.addEventListener("input", () => {
    follow();
    show();
    read();
  });
  follow();
  show();
  logo(say);
}
