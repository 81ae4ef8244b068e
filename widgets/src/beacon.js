// What visitors did, sent in batches. Cookieless, and it never stands in the way of the page: losing an event is
// better than slowing a host. Each event has an id, so that the server counts a repeated batch once.

const WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60000;
const MOST = 100; // also the server's limit for one batch; some 20 kB, well under the 64 kB that keepalive allows

const queues = new Map();

/** add(event) and flush() of the queue of one endpoint, shared by all widgets of the page. '' reports nowhere. */
export function beaconFor(address) {
  if (!queues.has(address)) queues.set(address, open(address));
  return queues.get(address);
}

function open(address) {
  let waiting = [];
  let delay = WAIT_MS;
  let timer = 0;
  const keep = (events) => {
    waiting = events.slice(-MOST);
    timer = timer || setTimeout(flush, delay);
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = 0;
    const batch = waiting;
    waiting = [];
    if (!batch.length || (await send(address, batch))) {
      delay = WAIT_MS;
      return;
    }
    delay = Math.min(delay * 2, LONGEST_WAIT_MS);
    keep([...batch, ...waiting]);
  };
  document.addEventListener('visibilitychange', flush); // at leaving, that is; at coming back there is nothing, or it is due
  return {
    add: (event) => address && keep([...waiting, { id: identifier(), at: time(), ...event }]),
    flush,
  };
}

/** True when the batch left the page. fetch goes first: filter lists block sendBeacon to other origins. */
async function send(address, batch) {
  // Joined by hand: old libraries give arrays a toJSON of their own, which would turn the list into a string.
  // `sent` shows the server by how much this clock is wrong.
  const body = `{"sent":"${time()}","events":[${batch.map((event) => JSON.stringify(event)).join()}]}`;
  try {
    await fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'omit', keepalive: true, body });
    return true;
  } catch {
    // A beacon "sent" while offline is simply lost, so it is only for a page that is about to go.
    return document.hidden && navigator.sendBeacon?.(address, body);
  }
}

const time = () => new Date().toISOString();

/** 128 random bits. crypto.randomUUID would be missing on plain http. */
const identifier = () =>
  crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + (byte + 256).toString(16).slice(1), '');
