/* Stands in for recorder.js in tests of the camera alone: keeps what the camera hands over, and shows its problems. */
import { Camera } from "./camera.js";
import { CameraProblem } from "./environment.js";
import { showProblem } from "./screens.js";

const config = JSON.parse(document.getElementById("recorder-config").textContent);
window.events = [];
window.segments = [];
window.files = [];
window.camera = new Camera({
  config,
  onSlow: () => showProblem("slow"),
  onProblem: (error) => {
    const kind = error instanceof CameraProblem ? error.kind : "broken";
    window.events.push(["problem", kind]);
    window.camera.close();
    showProblem(kind);
  },
  onStart: (type, about) => {
    const segment = { type, about, pieces: [] };
    window.segments.push(segment);
    window.events.push(["start", about.question]);
    return async (bytes) => void segment.pieces.push(bytes);
  },
  onSegment: ({ seconds }) => window.events.push(["segment", seconds]),
  onDone: ({ seconds, reason }) => window.events.push(["done", seconds, reason]),
});
window.bytesOf = async (index) => {
  const whole = new Blob(window.segments[index].pieces);
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(whole);
  });
};
document.addEventListener("chosen-file", ({ detail }) => window.files.push(detail.name));
document.addEventListener("click", ({ target }) => {
  const name = target.closest?.("[data-act]")?.dataset.act;
  if (name === "camera" || name === "camera-again") window.camera.open();
  if (name === "audio") window.camera.open({ audioOnly: true });
});
