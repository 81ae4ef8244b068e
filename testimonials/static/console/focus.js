// The focus point of a clip: a tap on the picture moves the two sliders, and the sliders move the mark.

/** @param {HTMLFormElement} form with `focus_x` and `focus_y` in per cent, and a picture in `[data-pad]` */
export function focusPad(form) {
  const pad = form.querySelector("[data-pad]");
  if (!pad) return;
  const { focus_x: across, focus_y: down } = form.elements;
  const show = () => {
    pad.style.setProperty("--x", `${across.value}%`);
    pad.style.setProperty("--y", `${down.value}%`);
  };
  pad.addEventListener("click", (event) => {
    const box = pad.getBoundingClientRect();
    across.value = Math.round(((event.clientX - box.left) / box.width) * 100);
    down.value = Math.round(((event.clientY - box.top) / box.height) * 100);
    show();
  });
  form.addEventListener("input", show);
  show();
}
