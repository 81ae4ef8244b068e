// Runs before the first paint: where ES modules work, the page is shown one screen at a time from the start.
// If a module then fails to load, the plain form comes back, so nobody is left before a page of dead buttons.
(() => {
  const root = document.documentElement;
  if (!("noModule" in HTMLScriptElement.prototype) || !window.fetch || !window.AbortController) return;
  root.classList.add("js");
  addEventListener("error", (event) => {
    if (event.target instanceof HTMLScriptElement && event.target.type === "module") root.classList.remove("js");
  }, true);
})();
