// The operations page looks again every few seconds, and only what is different is put in its place.

const SECONDS = 4;

async function look() {
  const place = document.querySelector("[data-operations]");
  if (place && !document.hidden && !place.contains(document.activeElement) && !getSelection()?.toString()) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
      if (page && !place.contains(document.activeElement)) renew(place, page);
    } catch { /* the next look may go through */ }
  }
  setTimeout(look, SECONDS * 1000);
}

/**
 * Sections stay where they are unless what they say has changed; forms differ by their token alone, which is no change.
 * @param {Element} place @param {Document} page
 */
function renew(place, page) {
  for (const [index, section] of [...place.querySelectorAll("section")].entries()) {
    const fresh = page.querySelectorAll("[data-operations] section")[index];
    if (fresh && fresh.textContent !== section.textContent) section.replaceWith(document.adoptNode(fresh));
  }
}

setTimeout(look, SECONDS * 1000);
