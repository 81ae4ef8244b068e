// The phone and the window beside the form: what customers will see first, as it is written.

/**
 * @param {HTMLFormElement} form
 * @returns {() => void} shows what stands in the fields now
 */
export function preview(form) {
  const frames = [...document.querySelectorAll("[data-preview]")];
  const parts = (name) => frames.map((frame) => frame.querySelector(`[data-preview-${name}]`));
  const value = (name) => form.elements.namedItem(name)?.value.trim() ?? "";
  const clock = form.querySelector("[data-clock]");
  return () => {
    for (const part of parts("greeting")) part.textContent = value("greeting") || part.dataset.fallback;
    for (const part of parts("incentive")) part.textContent = value("incentive");
    for (const part of parts("incentive-box")) part.hidden = !value("incentive");
    for (const frame of frames) frame.style.setProperty("--brand", value("brand_color"));
    const asked = [...form.querySelectorAll("[data-question] input[name$=-text]")].map((field) => field.value.trim());
    for (const part of parts("questions")) {
      part.replaceChildren(
        ...asked.filter(Boolean).map((words) => Object.assign(document.createElement("li"), { textContent: words, dir: "auto" })),
      );
    }
    for (const part of parts("record")) part.hidden = !form.querySelector("[name=ways][value=record]").checked;
    const seconds = Math.round(Number(value("max_seconds")));
    clock.textContent = seconds > 0 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes` : "";
  };
}
