/** Files that the person chooses: a video or a recording, or a photo. What another module was given comes this way too. */

const videoInput = () => /** @type {HTMLInputElement} */ (document.querySelector('input[type="file"][name="video"]'));
const photoInput = Object.assign(document.createElement("input"), { type: "file", accept: "image/jpeg,image/png,image/webp" });

export const pickVideo = () => videoInput().click();
export const pickPhoto = () => photoInput.click();

/** @param {(file: File) => void} onFile */
export function bindFiles(onFile) {
  for (const input of [videoInput(), photoInput]) {
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      input.value = ""; // the same file chosen again is a change again, and it must not ride along with the form
      if (file) onFile(file);
    });
  }
  document.addEventListener("chosen-file", (event) => onFile(/** @type {CustomEvent<File>} */ (event).detail));
}
