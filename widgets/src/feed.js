// What the element shows: the feed, by way of its pointer, and as an experiment wants it.
import { webAddress } from './dom.js';
import { load } from './parts.js';

/** The feed of a widget's address, or of `pointer` where the page names one, for the element `host`. Rejects where it cannot be had. */
export async function readFeed(address, pointer, host) {
  const own = new URL(address);
  own.pathname += '.json';
  const from = webAddress(pointer, document.baseURI) || own.href;
  const follow = async (cache, otherwise) => {
    const feed = await read(from, cache);
    const next = webAddress(feed.feed, from); // '…/content-hash.json': once, so that two pointers cannot chase each other
    return next ? read(next).catch(otherwise) : feed;
  };
  // A pointer may be ten seconds old, and the feed that it names withdrawn since.
  const feed = await follow('default', () => follow('no-cache'));
  const choose = feed.experiment && (await load('experiment'));
  return choose ? choose(feed, address, host) : feed;
}

async function read(address, cache) {
  const answer = await fetch(address, { credentials: 'omit', cache });
  if (!answer.ok) throw Error(`the server answered ${answer.status}`);
  return answer.json();
}
