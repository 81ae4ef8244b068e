// Another state of the same page, put in its place without loading anew: the list keeps its place, open parts stay open.

const PARTS = ["main", ".side .nav", ".tabbar"];
const TICKED = "[name=token][form=bulk]:checked";

/**
 * Shows what an address of this page shows. Where that does not go through, the browser goes there itself.
 * @param {string} address
 * @param {{push?: boolean, focus?: string, keepTicks?: boolean}} options `focus` is a selector of what gets the focus
 */
export async function swap(address, { push = true, focus = "", keepTicks = true } = {}) {
  const page = await load(address);
  if (!page) {
    location.assign(address);
    return;
  }
  const list = document.querySelector(".split .list");
  const [top, start] = [list?.scrollTop ?? 0, list?.scrollLeft ?? 0];
  const ticked = new Set([...document.querySelectorAll(TICKED)].map((each) => each.value));
  const kept = new Set([...document.querySelectorAll("details[open][id], details[open][data-keep]")].map(nameOf));
  for (const part of PARTS) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part)?.replaceWith(document.adoptNode(fresh));
  }
  document.title = page.title;
  if (push) history.pushState(null, "", address);
  for (const part of document.querySelectorAll("details[id], details[data-keep]")) part.open ||= kept.has(nameOf(part));
  for (const each of document.querySelectorAll("[name=token][form=bulk]")) each.checked = keepTicks && ticked.has(each.value);
  const fresh = document.querySelector(".split .list");
  if (fresh) [fresh.scrollTop, fresh.scrollLeft] = [top, start];
  document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  const place = focus && document.querySelector(focus);
  if (place) place.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("swapped"));
}

const nameOf = (part) => part.id || part.dataset.keep;

async function load(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const html = await answer.text();
    return answer.ok && !answer.redirected ? new DOMParser().parseFromString(html, "text/html") : null;
  } catch {
    return null;
  }
}
