// @ts-check
import { Refusal } from "./inbox-api.js";

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * A part of the page that is fetched anew: several wishes at once become one, a wish that comes
 * while a fetch is failing is not lost with it, and what the network swallowed is tried again
 * until it came (the event that asked for it is not sent a second time).
 */
export class Renewal {
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;
  #pause = FIRST_MS;
  #stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => Promise<void>} fetchAndShow */
  constructor(fetchAndShow) {
    this.fetchAndShow = fetchAndShow;
  }

  /** @returns {Promise<void>}  fails with what the last fetch failed with */
  ask() {
    clearTimeout(this.#timer);
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Nobody looks at it any more. */
  stop() {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  async #run() {
    while (this.#again) {
      this.#again = false;
      try {
        await this.fetchAndShow();
        this.#pause = FIRST_MS;
      } catch (error) {
        if (this.#again) continue;
        if (error instanceof Refusal && error.status === 0) this.#later();
        throw error;
      }
    }
  }

  #later() {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.ask().catch(() => {}), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_MS);
  }
}
