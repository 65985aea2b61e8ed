// @ts-check
/** @import { Entry, OutboxPort } from "./types.js" */
import { ApiError, Pause, backoff } from "./api.js";

/** A message shows as not sent only from this try on: one hiccup should not alarm anybody. */
const QUIET_ATTEMPTS = 2;

/**
 * What the member wrote and the server has not acknowledged. Sent one by one, in order, each
 * under its own id until an answer comes, so that nothing is lost and nothing is doubled.
 */
export class Outbox {
  /** @type {Entry[]} */
  entries = [];
  #pause = new Pause();
  #running = false;

  /** @param {OutboxPort} port */
  constructor(port) {
    this.port = port;
  }

  /** @param {string} text @param {string} [choice] @param {AbortSignal} [signal] */
  add(text, choice, signal) {
    const at = new Date().toISOString();
    const id = newId();
    const fresh = { attempts: 0, tried: false };
    this.entries.push({ id, text, choice, at, state: "sending", ...fresh });
    this.port.changed();
    if (signal) void this.drain(signal);
  }

  /** The entry being sent or next to be sent. */
  get head() {
    return this.entries.find((entry) => entry.state !== "refused");
  }

  /** True while an answer is awaited (for the typing indicator). */
  get busy() {
    return this.head?.state === "sending";
  }

  /** @param {string} id */
  remove(id) {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    this.port.changed();
  }

  /** Try again now: the member asked, or the network came back. */
  retry() {
    for (const entry of this.entries) {
      if (entry.state === "failed") Object.assign(entry, { state: "sending", attempts: 0 });
    }
    this.port.changed();
    this.#pause.wake();
  }

  /** @param {AbortSignal} signal  ends with the conversation */
  async drain(signal) {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let head = this.head; head && !signal.aborted; head = this.head) {
        await this.#attempt(head, signal);
      }
    } finally {
      this.#running = false;
    }
  }

  /** @param {Entry} entry @param {AbortSignal} signal */
  async #attempt(entry, signal) {
    entry.attempts += 1;
    entry.tried = true;
    this.port.changed(); // saved as tried before it leaves: a reload must not forget that
    try {
      const answer = await this.port.post(entry);
      if (signal.aborted) return;
      this.entries = this.entries.filter((other) => other !== entry);
      this.port.answered(answer);
    } catch (error) {
      if (signal.aborted) return;
      await this.#failed(entry, asApiError(error), signal);
    }
    this.port.changed();
  }

  /** @param {Entry} entry @param {ApiError} error @param {AbortSignal} signal */
  async #failed(entry, error, signal) {
    if (error.kind === "gone") {
      this.port.gone(); // aborts the signal: a new conversation begins
      return;
    }
    if (error.kind === "refused" || error.kind === "identity") {
      Object.assign(entry, { state: "refused", problem: error.detail });
      return;
    }
    if (entry.attempts >= QUIET_ATTEMPTS || !navigator.onLine) {
      for (const waiting of this.entries) {
        if (waiting.state === "sending") waiting.state = "failed";
      }
    }
    this.port.changed();
    await this.#pause.sleep(backoff(entry.attempts - 1, error.retryAfterMs), signal);
  }
}

/** @param {unknown} error  a fault of ours must not stop the outbox for good */
function asApiError(error) {
  return error instanceof ApiError ? error : new ApiError("transient", 0);
}

/** A UUID, also on plain-http test sites, where randomUUID does not exist. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
