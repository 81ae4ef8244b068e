/** Files that the person chooses: a video or a recording, or a photo. What another module was given comes this way too. */
import { note } from "./comeback.js";

const videoInput = () => /** @type {HTMLInputElement} */ (document.querySelector('input[type="file"][name="video"]'));
const photoInput = Object.assign(document.createElement("input"), { type: "file", accept: "image/jpeg,image/png,image/webp" });

/** The page may be gone by the time the file is chosen: phones do that. */
export function pickVideo() {
  note("upload");
  videoInput().click();
}

export function pickPhoto() {
  note("photo");
  photoInput.click();
}

/** @param {(file: File) => void} onFile */
export function bindFiles(onFile) {
  for (const input of [videoInput(), photoInput]) {
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      input.value = ""; // the same file chosen again is a change again, and it must not ride along with the form
      if (file) onFile(file);
    });
    input.addEventListener("cancel", () => note(""));
  }
  document.addEventListener("chosen-file", (event) => onFile(/** @type {CustomEvent<File>} */ (event).detail));
}
