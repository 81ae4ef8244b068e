// A list whose rows are moved: by their arrows, with the keyboard or a click, or dragged at their grip.

/** @param {HTMLElement} list @param {() => void} changed */
export function ordering(list, changed) {
  const said = list.closest("fieldset").querySelector("[data-said]");
  const locked = () => list.matches("fieldset:disabled *");
  const tell = (row) => {
    const rows = [...list.querySelectorAll(":scope > li")];
    const name = row.querySelector("label b") ?? row.querySelector("label span");
    said.textContent = `${name.textContent} is number ${rows.indexOf(row) + 1} now.`;
    changed();
  };

  list.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (!mover || locked()) return;
    const row = mover.closest("li");
    const up = Number(mover.dataset.move) < 0;
    const neighbor = beside(row, up);
    if (!neighbor) return;
    if (up) neighbor.before(row);
    else neighbor.after(row);
    mover.focus();
    tell(row);
  });

  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || locked() || event.button) return;
    event.preventDefault();
    drag(list, grip, event.pointerId, tell);
  });
}

/** Follows the pointer until it is let go. */
function drag(list, grip, pointer, tell) {
  const row = grip.closest("li");
  const before = [...list.children].indexOf(row);
  row.classList.add("dragged");
  grip.setPointerCapture(pointer);
  const move = ({ clientY }) => {
    const next = beside(row, false);
    const previous = beside(row, true);
    if (next && clientY > middle(next)) next.after(row);
    else if (previous && clientY < middle(previous)) previous.before(row);
    else return;
    grip.setPointerCapture(pointer); // a row that is put elsewhere loses it
  };
  const stop = () => {
    row.classList.remove("dragged");
    for (const [name, act] of [["pointermove", move], ["pointerup", stop], ["pointercancel", stop]]) removeEventListener(name, act);
    if ([...list.children].indexOf(row) !== before) tell(row);
  };
  for (const [name, act] of [["pointermove", move], ["pointerup", stop], ["pointercancel", stop]]) addEventListener(name, act);
}

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

function beside(row, up) {
  const found = up ? row.previousElementSibling : row.nextElementSibling;
  return found?.matches("li") ? found : null;
}
