// @ts-check
/** @import { Api } from "./api.js" */
/** @import { Credentials, Message, ServerEvent, StreamPort } from "./types.js" */
import { ApiError, Pause, backoff } from "./api.js";

const SILENCE_MS = 45_000; // the server pings more often; longer silence means a dead line
const POLL_MS = 5_000;
const POLL_ROUNDS = 12; // then the stream gets another chance
const FAILURES_BEFORE_POLLING = 3;

/**
 * Brings in what others write (above all staff): server-sent events over fetch, and polling
 * where a proxy does not let events through. Rests while the page is hidden, so that many tabs
 * do not use up the browser's connections.
 */
export class Stream {
  #pause = new Pause();

  /** @param {Api} api @param {Credentials} who @param {StreamPort} port */
  constructor(api, who, port) {
    this.api = api;
    this.who = who;
    this.port = port;
  }

  /** Look again at once: the network came back, or the page is visible again. */
  wake() {
    this.#pause.wake();
  }

  /** @param {AbortSignal} signal  ends with the conversation */
  async run(signal) {
    let failures = 0;
    while (!signal.aborted) {
      if (document.hidden) {
        await this.#pause.sleep(60_000, signal);
        continue;
      }
      const heard = await this.#listen(signal);
      failures = heard ? 0 : failures + 1;
      if (signal.aborted) return;
      if (failures >= FAILURES_BEFORE_POLLING) await this.#poll(signal);
      else await this.#pause.sleep(backoff(failures), signal);
    }
  }

  /** @param {AbortSignal} signal @returns {Promise<boolean>} whether anything was heard */
  async #listen(signal) {
    const line = new AbortController();
    const hangUp = () => line.abort();
    const whenHidden = () => document.hidden && hangUp();
    signal.addEventListener("abort", hangUp);
    document.addEventListener("visibilitychange", whenHidden);
    let watchdog = setTimeout(hangUp, SILENCE_MS);
    let heard = false;
    try {
      const body = await this.api.events(this.who, this.port.cursor(), line.signal);
      const reader = body.getReader();
      const parser = new EventParser();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        heard = true;
        clearTimeout(watchdog);
        watchdog = setTimeout(hangUp, SILENCE_MS);
        const events = parser.feed(decoder.decode(value, { stream: true }));
        if (!signal.aborted) this.#hand(events);
      }
    } catch (error) {
      // A missing events route would also be "gone"; only the messages route may say so.
      if (error instanceof ApiError && error.kind === "gone") await this.#fetch(signal);
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", hangUp);
      document.removeEventListener("visibilitychange", whenHidden);
    }
    return heard;
  }

  /** @param {ServerEvent[]} events */
  #hand(events) {
    const messages = events.flatMap(({ name, data }) => (name === "message" ? messagesIn(data) : []));
    if (messages.length) this.port.deliver(messages);
    for (const { name, data } of events) if (name === "typing") this.port.typing(data);
  }

  /** @param {AbortSignal} signal */
  async #poll(signal) {
    for (let round = 0; round < POLL_ROUNDS && !signal.aborted; round++) {
      if (!document.hidden) await this.#fetch(signal);
      await this.#pause.sleep(POLL_MS, signal);
    }
  }

  /** @param {AbortSignal} signal */
  async #fetch(signal) {
    try {
      const messages = await this.api.messages(this.who, this.port.cursor(), signal);
      if (!signal.aborted) this.port.deliver(messages);
    } catch (error) {
      const gone = error instanceof ApiError && error.kind === "gone";
      if (gone && !signal.aborted) this.port.gone();
    }
  }
}

/** @param {any} data @returns {Message[]} */
const messagesIn = (data) => data.messages ?? (data.seq === undefined ? [] : [data]);

/** The text/event-stream format, as far as it is needed here; `id:` equals the message's seq. */
export class EventParser {
  #buffer = "";

  /** @param {string} chunk @returns {ServerEvent[]} the events completed by this chunk */
  feed(chunk) {
    this.#buffer = (this.#buffer + chunk).replace(/\r\n|\r(?=[^\n])/g, "\n");
    const blocks = this.#buffer.split("\n\n");
    this.#buffer = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const lines = block.split("\n");
      const field = (/** @type {string} */ name) =>
        lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1)] : []));
      try {
        const data = JSON.parse(field("data").join("\n"));
        return [{ name: field("event")[0]?.trim() || "message", data }];
      } catch {
        return []; // a ping or a comment
      }
    });
  }
}
