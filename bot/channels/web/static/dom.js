// @ts-check
/**
 * Builds one element. Text is only ever set as text, so nothing that a server, a member or a
 * staff member writes can become markup.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{ class?: string, text?: string, click?: (event: MouseEvent) => void,
 *           [attribute: string]: unknown }} [props]  other keys are attributes; false/null omit
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") node.textContent = String(value);
    else if (key === "click") node.addEventListener("click", /** @type {any} */ (value));
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {string} text  for screen readers only */
export const hiddenText = (text) => el("span", { class: "sr", text });

/**
 * @param {string} label @param {(event: MouseEvent) => void} click
 * @param {Record<string, unknown>} [props]
 */
export const button = (label, click, props = {}) =>
  el("button", { type: "button", text: label, click, ...props });

/**
 * The address if a link may go there, else null: only http and https, never script or data.
 * @param {string} url @param {string} base  what relative addresses start from
 */
export function safeUrl(url, base) {
  try {
    const parsed = new URL(url, base);
    return /^https?:$/.test(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

const TIME = { timeZone: "Asia/Tokyo", hour: "numeric", minute: "2-digit" };
const DAY = { timeZone: "Asia/Tokyo", month: "numeric", day: "numeric" };

/**
 * 「14:05」 today, 「3/20 14:05」 on other days, in Tokyo time.
 * @param {string} iso  an instant with offset
 */
export function clock(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return "";
  const day = (/** @type {Date} */ d) => d.toLocaleDateString("ja-JP", /** @type {any} */ (DAY));
  const time = when.toLocaleTimeString("ja-JP", /** @type {any} */ (TIME));
  return day(when) === day(new Date()) ? time : `${day(when)} ${time}`;
}
