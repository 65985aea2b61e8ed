// @ts-check
/** @import { Answer, Config, Created, Credentials, Entry, FailureKind, Message } from "./types.js" */

const TIMEOUT_MS = 25_000; // longer than the server's own deadline, so its answer wins
const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 30_000;

export class ApiError extends Error {
  /**
   * @param {FailureKind} kind @param {number} status  0 when no answer came
   * @param {string} [detail]  a sentence for the member (Japanese) @param {number} [retryAfterMs]
   */
  constructor(kind, status, detail = "", retryAfterMs = 0) {
    super(detail || `${kind} ${status}`);
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The HTTP contract, one method a route. Every method throws ApiError and nothing else. */
export class Api {
  /** @param {string} base  origin, e.g. https://navi.example */
  constructor(base) {
    this.base = base;
  }

  /**
   * @param {string | null} identityToken @param {string} demoNow @param {AbortSignal} signal
   * @returns {Promise<Created>}
   */
  create(identityToken, demoNow, signal) {
    const body = {
      ...(identityToken && { identity_token: identityToken }),
      ...(demoNow && { demo_now: demoNow }),
    };
    return this.#call("", { body, signal, onCreate: true }, json);
  }

  /**
   * @param {Credentials} who @param {Entry} entry @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  send(who, entry, signal) {
    const what = entry.choice === undefined ? { text: entry.text } : { choice: entry.choice };
    const body = { client_message_id: entry.id, ...what };
    return this.#call(`/${who.id}/messages`, { body, who, signal }, json);
  }

  /**
   * @param {Credentials} who @param {number} after  seq @param {AbortSignal} signal
   * @returns {Promise<Message[]>}
   */
  async messages(who, after, signal) {
    return (await this.#call(`/${who.id}/messages?after=${after}`, { who, signal }, json)).messages;
  }

  /**
   * @param {Credentials} who @param {boolean} helpful @param {string} comment
   * @returns {Promise<void>}
   */
  feedback(who, helpful, comment) {
    const body = { helpful, ...(comment && { comment }) };
    // keepalive: also delivered when the member leaves the page in this moment
    return this.#call(`/${who.id}/feedback`, { body, who, keepalive: true }, async () => {});
  }

  /** The member writes. @param {Credentials} who @returns {Promise<void>} */
  typing(who) {
    return this.#call(`/${who.id}/typing`, { body: {}, who }, async () => {});
  }

  /**
   * Opens the event stream. EventSource cannot send the bearer, hence fetch.
   * @param {Credentials} who @param {number} after  seq @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  events(who, after, signal) {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
    return this.#call(`/${who.id}/events`, { who, signal, headers }, async (response) => {
      const type = response.headers.get("Content-Type") ?? "";
      if (!response.body || !type.startsWith("text/event-stream")) throw new TypeError(type);
      return response.body;
    });
  }

  /**
   * @template Result
   * @param {string} path
   * @param {{ body?: object, who?: Credentials, signal?: AbortSignal, keepalive?: boolean,
   *           headers?: Record<string, string>, onCreate?: boolean }} options
   * @param {(response: Response) => Promise<Result>} read  within the same time limit
   */
  async #call(path, { body, who, signal, keepalive, headers, onCreate = false }, read) {
    const limit = new AbortController();
    const stop = () => limit.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    const timer = setTimeout(stop, TIMEOUT_MS);
    try {
      const response = await fetch(`${this.base}/api/conversations${path}`, {
        method: body ? "POST" : "GET",
        headers: {
          Accept: "application/json, application/problem+json",
          ...(body && { "Content-Type": "application/json" }),
          ...(who && { Authorization: `Bearer ${who.token}` }),
          ...headers,
        },
        body: body && JSON.stringify(body),
        signal: limit.signal,
        cache: "no-store",
        credentials: "omit",
        keepalive,
      });
      if (!response.ok) throw await failure(response, onCreate);
      return await read(response);
    } catch (error) {
      // Whatever else goes wrong on the way (refused, cut off, too slow) looks the same from here.
      throw error instanceof ApiError ? error : new ApiError("transient", 0);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @param {Response} response @returns {Promise<any>} */
const json = (response) => response.json();

/** @param {Response} response @param {boolean} onCreate */
async function failure(response, onCreate) {
  const { status } = response;
  const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
  const problem = isJson ? await response.json().catch(() => null) : null;
  const detail = typeof problem?.detail === "string" ? problem.detail : "";
  return new ApiError(kindOf(status, onCreate, isJson), status, detail, retryAfter(response));
}

/** @param {number} status @param {boolean} onCreate @param {boolean} isJson @returns {FailureKind} */
function kindOf(status, onCreate, isJson) {
  if (status >= 500 || [408, 425, 429].includes(status)) return "transient";
  if (onCreate) return status === 401 ? "identity" : "refused";
  // A bare 404 page is a proxy's word, not the application's: do not throw away a conversation.
  if ([401, 404, 410].includes(status)) return isJson ? "gone" : "transient";
  return "refused";
}

/** @param {Response} response @returns {number} milliseconds */
function retryAfter(response) {
  const value = response.headers.get("Retry-After");
  if (!value) return 0;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Math.min(Math.max(ms || 0, 0), 120_000);
}

/**
 * A fresh identity token of the member who is logged in on the host site, or null for a guest.
 * When the site says that somebody is logged in, a missing token is a failure: a member must
 * never become a guest without being told.
 *
 * @param {Config} config @param {AbortSignal} signal @returns {Promise<string | null>}
 * @throws {ApiError} of kind "identity"
 */
export async function identityToken(config, signal) {
  if (config.memberKey === "") return null;
  if (!config.identityUrl) return config.identityToken || null;
  const url = new URL(config.identityUrl, document.baseURI);
  if (url.origin !== location.origin) throw new ApiError("identity", 0);
  const loggedIn = Boolean(config.memberKey);
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", signal });
  } catch {
    throw new ApiError("transient", 0);
  }
  if (response.status >= 500) throw new ApiError("transient", response.status);
  const body = response.ok ? await response.json().catch(() => null) : null;
  const token = body?.identity_token;
  if (typeof token === "string" && token) return token;
  if (loggedIn) throw new ApiError("identity", response.status);
  return null;
}

/** Waiting that ends early when somebody calls `wake` or the signal is aborted. */
export class Pause {
  /** @type {Set<() => void>} */
  #sleepers = new Set();

  /** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
  sleep(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#sleepers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
      this.#sleepers.add(done);
    });
  }

  wake() {
    for (const done of [...this.#sleepers]) done();
  }
}

/**
 * Milliseconds to wait before the next try: doubling, with jitter so that many browsers do not
 * come back in step, never sooner than the server asked for.
 * @param {number} attempt  0 for the first failure
 * @param {number} [retryAfterMs]
 */
export function backoff(attempt, retryAfterMs = 0) {
  const jitter = 0.8 + Math.random() * 0.4;
  return Math.max(retryAfterMs, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * jitter);
}
