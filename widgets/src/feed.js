// What the element shows: the feed, by way of its pointer, and as an experiment wants it.
import { webAddress } from './dom.js';
import { load } from './parts.js';

/** The feed of a widget's address, or of `pointer` where the page names one. Rejects where it cannot be had. */
export async function readFeed(address, pointer) {
  const own = new URL(address);
  own.pathname += '.json';
  let from = webAddress(pointer, document.baseURI) || own.href;
  let feed = await read(from);
  from = webAddress(feed.feed, from); // '…/content-hash.json': once, so that two pointers cannot chase each other
  if (from) feed = await read(from);
  const choose = feed.experiment && (await load('experiment'));
  return choose ? choose(feed, address) : feed;
}

async function read(address) {
  const answer = await fetch(address, { credentials: 'omit' });
  if (!answer.ok) throw Error(`the server answered ${answer.status}`);
  return answer.json();
}
