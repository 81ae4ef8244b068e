// The phone beside the form: what customers will see first, as it is written.

/**
 * @param {HTMLFormElement} form
 * @returns {() => void} shows what stands in the fields now
 */
export function preview(form) {
  const phone = document.querySelector("[data-preview]");
  const part = (name) => phone.querySelector(`[data-preview-${name}]`);
  const value = (name) => form.elements.namedItem(name)?.value.trim() ?? "";
  const clock = form.querySelector("[data-clock]");
  return () => {
    part("greeting").textContent = value("greeting") || part("greeting").dataset.fallback;
    part("incentive").textContent = value("incentive");
    part("incentive-box").hidden = !value("incentive");
    phone.style.setProperty("--brand", value("brand_color"));
    const asked = [...form.querySelectorAll("[data-question] input[name$=-text]")].map((field) => field.value.trim());
    part("questions").replaceChildren(
      ...asked.filter(Boolean).map((words) => Object.assign(document.createElement("li"), { textContent: words, dir: "auto" })),
    );
    part("record").hidden = !form.querySelector("[name=ways][value=record]").checked;
    const seconds = Math.round(Number(value("max_seconds")));
    clock.textContent = seconds > 0 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes` : "";
  };
}
