// The builder of a widget: the preview follows what is chosen, networks move, and saving happens in place.

import { reveal } from "./parts.js";
import { saving } from "./saving.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-widget]"));
if (form) {
  reveal(document);
  const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("[data-preview]"));
  const state = saving(form, () => frame.contentWindow.location.reload());
  const show = preview(form, frame);
  form.addEventListener("input", show);
  networks(form, () => state.changed());
}

/**
 * Layout and look are put onto the previewed element itself, before they are saved.
 * @param {HTMLFormElement} form
 * @param {HTMLIFrameElement} frame
 */
function preview(form, frame) {
  const stage = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
  const glass = /** @type {HTMLElement} */ (document.querySelector("[data-glass]"));
  let width = innerWidth < 768 ? 375 : 1200; // on a phone, what a phone shows

  const fit = () => {
    stage.style.maxInlineSize = `${width}px`;
    const scale = Math.min(1, glass.clientWidth / width);
    frame.style.inlineSize = `${width}px`;
    frame.style.blockSize = `${glass.clientHeight / scale}px`;
    frame.style.transform = scale < 1 ? `scale(${scale})` : "";
  };
  const show = () => {
    const output = form.querySelector("output");
    output.textContent = `${form.elements.namedItem("radius").value} px`;
    const element = frame.contentDocument?.querySelector("testimonial-widget");
    if (!element) return;
    const layout = form.querySelector("[name=layout]:checked")?.value;
    if (layout && element.getAttribute("layout") !== layout) element.setAttribute("layout", layout);
    for (const name of ["accent", "surface"]) {
      const own = form.elements.namedItem(`own_${name}`).checked;
      if (own) element.style.setProperty(`--testimonial-${name}`, form.elements.namedItem(name).value);
      else element.style.removeProperty(`--testimonial-${name}`);
    }
    element.style.setProperty("--testimonial-radius", `${form.elements.namedItem("radius").value}px`);
  };

  choice("[data-width]", (button) => {
    width = Number(button.dataset.width);
    fit();
  });
  choice("[data-scheme]", (button) => {
    frame.src = `${frame.dataset.address}?scheme=${button.dataset.scheme}`;
  });
  for (const name of ["accent", "surface"]) {
    const color = form.elements.namedItem(name);
    color.addEventListener("input", () => { form.elements.namedItem(`own_${name}`).checked = true; });
  }
  pressed("[data-width]", (button) => Number(button.dataset.width) === width);
  frame.addEventListener("load", show);
  new ResizeObserver(fit).observe(glass);
  fit();
  show();
  return show;
}

/** Buttons of which one is pressed. @param {string} selector @param {(button: HTMLElement) => void} act */
function choice(selector, act) {
  const buttons = [...document.querySelectorAll(selector)];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      pressed(selector, (each) => each === button);
      act(button);
    });
  }
}

/** @param {string} selector @param {(button: HTMLElement) => boolean} which */
function pressed(selector, which) {
  for (const each of document.querySelectorAll(selector)) each.setAttribute("aria-pressed", String(which(each)));
}

/** @param {HTMLFormElement} form @param {() => void} changed */
function networks(form, changed) {
  const list = form.querySelector("[data-networks]");
  const said = form.querySelector("[data-said]");
  list.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (!mover || form.querySelector("fieldset:disabled")) return;
    const row = mover.closest("li");
    const neighbor = Number(mover.dataset.move) < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbor) return;
    if (Number(mover.dataset.move) < 0) neighbor.before(row);
    else neighbor.after(row);
    mover.focus();
    const place = [...list.children].indexOf(row) + 1;
    said.textContent = `${row.textContent.trim()} is number ${place} now.`;
    changed();
  });
}
