// Two marks on the strip of a clip. They are native sliders, so that pointer, touch and keys move them; nothing is cut here.

const LEAST = 1;
const STEP = 0.1;
const STRIDE = 1;

/** @param {HTMLVideoElement} video plays what is shown now, which begins at `data-start` of the whole */
export function trimming(video) {
  const form = document.querySelector("[data-trim]");
  if (!form) return;
  const { whole, start: was, end: until } = Object.fromEntries(Object.entries(form.dataset).map(([name, text]) => [name, Number(text)]));
  const strip = form.querySelector("[data-strip]");
  const marks = { start: form.querySelector("[data-mark=start]"), end: form.querySelector("[data-mark=end]") };
  let previewing = false;
  const exact = { start: was, end: until };
  strip.style.setProperty("--was-from", String(was / whole));
  strip.style.setProperty("--was-to", String(until / whole));
  draw();

  /** @param {"start" | "end"} name @param {number} seconds */
  function move(name, seconds) {
    const most = name === "start" ? exact.end - LEAST : whole;
    const least = name === "start" ? 0 : exact.start + LEAST;
    exact[name] = Math.max(least, Math.min(most, seconds));
    draw();
    previewing = false;
    video.currentTime = Math.max(0, exact[name] - was);
  }

  function draw() {
    for (const [name, input] of Object.entries(marks)) {
      input.value = String(exact[name]);
      input.setAttribute("aria-valuetext", `${exact[name].toFixed(1)} seconds, ${(exact.end - exact.start).toFixed(1)} seconds are kept`);
    }
    strip.style.setProperty("--from", String(exact.start / whole));
    strip.style.setProperty("--to", String(exact.end / whole));
    form.querySelector("[data-kept]").textContent = `${(exact.end - exact.start).toFixed(1)} s of ${whole.toFixed(1)} s are kept.`;
  }

  for (const [name, input] of Object.entries(marks)) {
    input.addEventListener("input", () => move(name, Number(input.value)));
    input.addEventListener("keydown", (event) => {
      const by = event.shiftKey ? STRIDE : STEP;
      const to = { ArrowLeft: -by, ArrowDown: -by, ArrowRight: by, ArrowUp: by, PageDown: -STRIDE, PageUp: STRIDE, Home: -Infinity, End: Infinity }[event.key];
      if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(name, exact[name] + to);
    });
    form.querySelector(`[data-here=${name}]`).addEventListener("click", () => move(name, video.currentTime + was));
  }
  form.querySelector("[data-preview]").addEventListener("click", () => {
    video.currentTime = Math.max(0, exact.start - was);
    previewing = true;
    video.play().catch(() => { previewing = false; });
  });
  video.addEventListener("timeupdate", () => {
    strip.style.setProperty("--now", String((video.currentTime + was) / whole));
    if (previewing && video.currentTime + was >= exact.end) {
      previewing = false;
      video.pause();
    }
  });
}
