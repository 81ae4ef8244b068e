// Which arm of an experiment this visitor is in. The server decides and counts; it keeps nothing on the device.
const PATIENCE_MS = 1000; // a visitor waits no longer to be counted in

/** choose(feed, address): the feed with the layout of the arm as `arm`, without items where this visitor sees no wall, and
 *  unchanged where the server cannot be asked. */
export default ({ webAddress }) => async (feed, base) => {
  const address = webAddress(feed.experiment.address, base);
  if (!address) return feed;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(address, { method: 'POST', credentials: 'omit', signal });
    if (!answer.ok) return feed;
    const { layout, show } = await answer.json();
    return { ...feed, arm: layout, items: show === false ? [] : feed.items };
  } catch {
    return feed;
  }
};
