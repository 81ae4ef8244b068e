// What visitors did, sent in batches. Cookieless, and it never stands in the way of the page: losing an event is
// better than slowing a host. Each event has an id, so that the server counts a repeated batch once.

const WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60000;
const MOST = 100; // also the server's limit for one batch; some 20 kB, well under the 64 kB that keepalive allows

const queues = new Map();

/** The queue of one endpoint, shared by all widgets of the page. An empty address reports nowhere. */
export function beaconFor(address) {
  if (!queues.has(address)) queues.set(address, new Beacon(address));
  return queues.get(address);
}

class Beacon {
  constructor(address) {
    this.address = address;
    this.waiting = [];
    this.delay = WAIT_MS;
    if (!address) return;
    document.addEventListener('visibilitychange', () => document.hidden && this.flush());
    addEventListener('pagehide', () => this.flush());
  }

  add(event) {
    if (!this.address) return;
    this.keep([...this.waiting, { id: identifier(), at: new Date().toISOString(), ...event }]);
  }

  async flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    const batch = this.waiting;
    if (!batch.length) return;
    this.waiting = [];
    if (await send(this.address, batch)) {
      this.delay = WAIT_MS;
      return;
    }
    this.delay = Math.min(this.delay * 2, LONGEST_WAIT_MS);
    this.keep([...batch, ...this.waiting]);
  }

  keep(events) {
    this.waiting = events.slice(-MOST);
    this.timer = this.timer || setTimeout(() => this.flush(), this.delay);
  }
}

/** True when the batch left the page. fetch goes first: filter lists block sendBeacon to other origins. */
async function send(address, batch) {
  // Joined by hand: old libraries give arrays a toJSON of their own, which would turn the list into a string.
  const body = `{"events":[${batch.map((event) => JSON.stringify(event)).join()}]}`;
  try {
    await fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'omit', keepalive: true, body });
    return true;
  } catch {
    // A beacon "sent" while offline is simply lost, so it is only for a page that is about to go.
    return document.hidden && !!navigator.sendBeacon && navigator.sendBeacon(address, body);
  }
}

function identifier() {
  if (crypto.randomUUID) return crypto.randomUUID(); // missing on plain http
  return crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + (byte + 256).toString(16).slice(1), '');
}
