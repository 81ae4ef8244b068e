/** The phone's back gesture goes one screen back instead of throwing the take away. */

/** @param {string[]} inside acts that lead away from the first screen @param {() => boolean} goBack whether there is still something to go back from */
export function bindBackwards(inside, goBack) {
  const guard = () => history.state?.inside || history.pushState({ inside: true }, "");
  document.addEventListener("click", ({ target }) => {
    const name = target instanceof Element ? target.closest("[data-act]")?.getAttribute("data-act") : "";
    if (name && inside.includes(name)) guard();
  });
  addEventListener("popstate", () => { if (goBack()) guard(); });
}
