// What a feed wants besides its wall: which arm of an experiment this visitor is in, and the call to action. The server decides
// and counts; nothing is kept on the device.
import { invite } from './_call.js';

const PATIENCE_MS = 1000; // a visitor waits no longer to be counted in
const played = new Set(); // addresses that know of a play, once per page view

/** choose(feed, address, host): the feed with the layout of the arm as `arm`, without items where this visitor sees no wall, and
 *  unchanged where there is no experiment or the server cannot be asked. The first play in `host` is told. */
export default (core) => async (given, base, host) => {
  const { webAddress } = core;
  const feed = invite(core, given, host);
  const address = webAddress(feed.experiment.address, base);
  if (!address) return feed;
  const post = (more) => fetch(address, { method: 'POST', credentials: 'omit', ...more });
  try {
    const answer = await post({ signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) return feed;
    const { arm, layout, show } = await answer.json();
    if (arm) host.addEventListener('testimonial-widget:play', () => {
      // The element may show another widget by now.
      if (played.has(address) || webAddress(host.src, document.baseURI) !== base) return;
      played.add(address);
      post({ body: '{"act":"play"}', keepalive: true }).catch(() => {}); // a string goes as text/plain: no preflight
    });
    // No wall, no room for it either, where nobody can see the page close up.
    const [box] = host.getClientRects();
    if (show === false && (!box || box.top >= innerHeight)) host.style.minHeight = '0';
    return { ...feed, arm: layout, items: show === false ? [] : feed.items };
  } catch {
    return feed;
  }
};
