// Which arm of an experiment this visitor is in. The server decides and counts; it keeps nothing on the device.
const PATIENCE_MS = 1000; // a visitor waits no longer to be counted in
const played = new Set(); // addresses that know of a play, once per page view

/** choose(feed, address, host): the feed with the layout of the arm as `arm`, without items where this visitor sees no wall, and
 *  unchanged where the server cannot be asked. The first play in `host` is told. */
export default ({ webAddress }) => async (feed, base, host) => {
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
    return { ...feed, arm: layout, items: show === false ? [] : feed.items };
  } catch {
    return feed;
  }
};
