// While a clip is being prepared, shows how far it is, and the clip itself once it is there.

let current = 0;

/**
 * @param {HTMLElement | null} detail what is shown of the chosen testimonial; whatever was followed before is left alone
 * @param {() => void} again shows the page as it is now
 */
export function followProgress(detail, again) {
  current += 1;
  if (!detail) return;
  const mine = current;
  const settled = ["ready", "failed"].includes(detail.dataset.media);
  const before = Number(detail.dataset.working);
  if (settled && !before) return;
  detail.addEventListener("input", (event) => { if (event.target.matches("textarea")) event.target.dataset.changed = "yes"; });
  const line = detail.querySelector("[data-progress]");
  const bar = detail.querySelector("progress");
  const look = async () => {
    if (mine !== current) return undefined;
    try {
      const state = await (await fetch(detail.dataset.state)).json();
      if (mine !== current) return undefined;
      const arrived = settled ? state.working < before && !busy(detail) : ["ready", "failed"].includes(state.media);
      if (arrived) return again();
      if (line && state.stage === "transcoding") line.textContent = `Preparing the video: ${state.percent} %`;
      if (bar) bar.value = state.percent;
    } catch { /* the next look may go through */ }
    return setTimeout(look, settled ? 3000 : 1500);
  };
  setTimeout(look, settled ? 3000 : 1500);
}

/** Whether somebody watches or writes: then nothing is put in the place of what they are at. */
function busy(detail) {
  const video = detail.querySelector("video");
  const editing = detail.querySelector("details[open] form:focus-within, textarea[data-changed], .add input:focus");
  return editing || (video && video.currentTime > 0) || document.querySelector("dialog[open]");
}
