// @ts-check
/** @typedef {{ name: string, data: any, id: string }} Happening */

const SILENCE_MS = 50_000; // the server beats every 15 s
const NAMES = ["change", "typing", "beat", "signed-out"];

/**
 * The server's events, over one stream for all tabs of this browser: the tab that holds the lock
 * listens and tells the others, since a browser opens only a few connections to one server.
 */
export class Live {
  #heardAt = Date.now();
  /** @type {EventSource | null} */
  #source = null;
  #channel = new BroadcastChannel("navi-inbox");

  /**
   * @param {string} me @param {number} eventId  what the page shows already
   * @param {(happening: Happening) => void} tell @param {(connected: boolean) => void} connected
   */
  constructor(me, eventId, tell, connected) {
    this.me = me;
    this.last = eventId;
    this.tell = tell;
    this.connected = connected;
    this.#channel.onmessage = ({ data }) => data.me === me && this.#heard(data.happening);
    setInterval(() => this.#watch(), 10_000);
  }

  start() {
    const forever = () => new Promise(() => this.#open());
    // Without locks (plain http on another host) each tab listens for itself.
    if (navigator.locks) void navigator.locks.request(`navi-inbox-${this.me}`, forever);
    else this.#open();
  }

  #open() {
    this.#source?.close();
    const source = new EventSource(`/staff/inbox/events?after=${this.last}`);
    this.#source = source;
    this.#heardAt = Date.now();
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        const happening = { name, data: JSON.parse(event.data), id: event.lastEventId };
        this.#channel.postMessage({ me: this.me, happening });
        this.#heard(happening);
        if (name === "signed-out") source.close();
      });
    }
    source.onopen = () => this.connected(true);
    source.onerror = () => this.connected(false);
  }

  /** @param {Happening} happening */
  #heard(happening) {
    this.#heardAt = Date.now();
    this.last = Math.max(this.last, Number(happening.id) || 0);
    this.tell(happening);
  }

  /** A line may be dead without the browser knowing it, above all after sleep. */
  #watch() {
    const closed = this.#source?.readyState === EventSource.CLOSED;
    if (this.#source && (closed || Date.now() - this.#heardAt > SILENCE_MS)) this.#open();
  }
}
