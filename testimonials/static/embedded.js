/** The bare player, in a frame on any site. Only a play counts: that the frame was loaded says nothing of who looks at it. */
import { countPlays, teller } from "./visiting.js";

const page = document.body.querySelector("[data-token]");
const video = document.querySelector("video");
if (page instanceof HTMLElement && video) {
  countPlays(video, page.dataset, teller(page.dataset));
  for (const type of ["play", "pause"]) video.addEventListener(type, () => page.classList.toggle("plays", !video.paused));
}
