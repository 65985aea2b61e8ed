// @ts-check
/** The page's words and who looks at it, as the server wrote them into the page. */
export const words = JSON.parse(document.getElementById("inbox-words")?.textContent ?? "{}");

const TIMEOUT_MS = 20_000;
/** @type {HTMLMetaElement | null} */
const meta = document.querySelector("meta[name=csrf-token]");

/** What the server or the network refused, with the sentence for the reader. */
export class Refusal extends Error {
  /** @param {string} sentence @param {number} status  0: nothing came back */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** @param {string} path @param {Record<string, string>} [values] @returns {Promise<void>} */
export async function post(path, values = {}) {
  const body = new URLSearchParams(values);
  await call(path, { method: "POST", body, headers: { "X-CSRF-Token": meta?.content ?? "" } });
}

/** @param {string} path @returns {Promise<any>} */
export async function getJson(path) {
  // Nobody did anything: such a request keeps no session alive.
  const response = await call(path, { headers: { "X-Navi-Background": "1" } });
  return response.json();
}

/** @param {string} path @returns {Promise<Document>} */
export async function getPage(path) {
  const response = await call(path, { headers: { Accept: "text/html" } }, [404]);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** @param {string} path @param {RequestInit} [options] @param {number[]} [fine] */
async function call(path, options = {}, fine = []) {
  const headers = { Accept: "application/json", ...options.headers };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  try {
    response = await fetch(path, { ...options, headers, signal, cache: "no-store" });
  } catch {
    throw new Refusal(navigator.onLine ? words.reply.failed : words.reply.offline, 0);
  }
  // A page that answers a script came by way of the sign-in page.
  const signedOut = response.status === 401 || (response.redirected && !path.includes("sign-in"));
  if (signedOut) throw new Refusal(words.notice.signed_out, 401);
  if (response.ok || fine.includes(response.status)) return response;
  const problem = await response.json().catch(() => null);
  throw new Refusal(problem?.detail ?? words.reply.failed, response.status);
}

/** @param {any} place @param {unknown} error */
export function say(place, error) {
  place.textContent = error instanceof Refusal ? error.message : words.reply.failed;
  place.hidden = false;
}
