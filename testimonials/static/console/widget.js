// The builder of a widget: the preview follows what is chosen, networks move, and saving happens in place.

import { ordering } from "./ordering.js";
import { reveal } from "./parts.js";
import { pinning } from "./pinning.js";
import { post, saving } from "./saving.js";

const DRAFT_MS = 350;
const IN_PLACE = ["name", "layout", "radius", "accent", "surface", "own_accent", "own_surface"];

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-widget]"));
if (form) {
  reveal(document);
  const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("[data-preview]"));
  const drafts = drafting(form, frame);
  const state = saving(form, () => frame.contentWindow.location.reload()); // with the draft: the feed itself may be ten seconds old
  const show = preview(form, frame);
  form.addEventListener("input", (event) => {
    show();
    if (event.target.name && !IN_PLACE.includes(event.target.name)) drafts.later();
  });
  const changed = () => {
    state.changed();
    drafts.later();
  };
  for (const list of form.querySelectorAll("[data-order]")) ordering(list, changed);
  pinning(form.querySelector("[data-pinning]"), changed);
}

/**
 * Everything else comes as a feed of its own, which shows what is chosen and is kept nowhere.
 * @param {HTMLFormElement} form
 * @param {HTMLIFrameElement} frame
 */
function drafting(form, frame) {
  let feed = "";
  let timer = 0;
  let turn = 0;
  const put = () => feed && frame.contentDocument?.querySelector("testimonial-widget")?.setAttribute("feed", feed);
  const ask = async () => {
    const mine = ++turn;
    const [fault, , answer] = await post(frame.dataset.draft, new FormData(form));
    if (fault || mine !== turn) return; // what is wrong is said when it is saved
    feed = answer.feed;
    put();
  };
  frame.addEventListener("load", put);
  return {
    later() {
      clearTimeout(timer);
      timer = setTimeout(ask, DRAFT_MS);
    },
  };
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
