// @ts-check
/** Up to which message a conversation was read, in this browser and for this person. */
const MOST = 400;

export class Seen {
  /** @param {string} me @param {() => void} changed  in another tab */
  constructor(me, changed) {
    this.key = `navi-inbox-seen-${me}`;
    addEventListener("storage", (event) => event.key === this.key && changed());
  }

  /** @param {string} id @returns {number} */
  upTo(id) {
    return this.#all()[id] ?? 0;
  }

  /** @param {string} id @param {number} seq */
  mark(id, seq) {
    const all = this.#all();
    if ((all[id] ?? 0) >= seq) return;
    delete all[id]; // the newest stand last, so the oldest are given up first
    const kept = Object.entries({ ...all, [id]: seq }).slice(-MOST);
    try {
      localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(kept)));
    } catch {
      // Full or forbidden: everything looks new then, which hides nothing.
    }
  }

  /** @returns {Record<string, number>} */
  #all() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "{}");
    } catch {
      return {};
    }
  }
}
