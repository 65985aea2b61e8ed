// @ts-check
/** @import { Seen } from "./inbox-seen.js" */
import { getJson } from "./inbox-api.js";
import { Renewal } from "./inbox-renewal.js";

/** @param {number} ms  「3分」, as bot/channels/staff/inbox_list.py says it */
export function waited(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return "1分未満";
  if (minutes < 60) return `${minutes}分`;
  if (minutes >= 24 * 60) return `${Math.floor(minutes / (24 * 60))}日`;
  return `${Math.floor(minutes / 60)}時間${minutes % 60 ? `${minutes % 60}分` : ""}`;
}

/** @param {ParentNode} root  counts all waiting times on */
export function tick(root) {
  for (const time of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-since]"))) {
    time.textContent = waited(Date.now() - Date.parse(time.dataset.since ?? ""));
  }
}

/** The list of conversations. */
export class Queue {
  #renewal = new Renewal(() => this.#fetch());

  /**
   * @param {HTMLElement} node @param {Seen} seen @param {() => string} openId
   * @param {(before: Map<string, HTMLElement>, after: Map<string, HTMLElement>) => void} renewed
   */
  constructor(node, seen, openId, renewed) {
    this.node = node;
    this.seen = seen;
    this.openId = openId;
    this.renewed = renewed;
    this.mark();
    setInterval(() => tick(node), 15_000);
  }

  /** @returns {HTMLElement[]} */
  get rows() {
    return [...this.node.querySelectorAll(".queue-row")].map((row) => /** @type {HTMLElement} */ (row));
  }

  /** Asks for the list; several wishes at once become one. @returns {Promise<void>} */
  refresh() {
    return this.#renewal.ask();
  }

  async #fetch() {
    this.show((await getJson(`/staff/inbox/queue?open=${encodeURIComponent(this.openId())}`)).html);
  }

  /** @param {string} html  the server's, escaped there */
  show(html) {
    const before = this.#byId();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.id;
    const top = this.node.parentElement?.scrollTop ?? 0;
    this.node.innerHTML = html;
    if (focused) this.#byId().get(focused)?.focus({ preventScroll: true });
    this.node.parentElement?.scrollTo({ top });
    tick(this.node);
    this.mark();
    this.renewed(before, this.#byId());
  }

  /** Shows which rows hold words that nobody has read here. */
  mark() {
    const open = this.openId();
    for (const row of this.rows) {
      const isNew = isUnread(row, this.seen) && (row.dataset.id !== open || document.hidden);
      row.querySelector(".queue-new")?.toggleAttribute("hidden", !isNew);
      row.classList.toggle("is-new", isNew);
      row.toggleAttribute("aria-current", false);
      if (row.dataset.id === open) row.setAttribute("aria-current", "true");
    }
  }

  /** @returns {number} those who wait, and answers that nobody has read */
  get count() {
    const counts = (/** @type {HTMLElement} */ row) =>
      row.dataset.part === "waiting" || (row.dataset.part === "mine" && row.classList.contains("is-new"));
    return this.rows.filter(counts).length;
  }

  /** Moves the focus. @param {1 | -1} step */
  move(step) {
    const rows = this.rows;
    const open = rows.findIndex((row) => row.dataset.id === this.openId());
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const from = at >= 0 ? at : open >= 0 ? open : step > 0 ? -1 : rows.length;
    rows[Math.min(Math.max(from + step, 0), rows.length - 1)]?.focus();
  }

  #byId() {
    return new Map(this.rows.map((row) => [row.dataset.id ?? "", row]));
  }
}

/** @param {HTMLElement} row @param {Seen} seen */
export function isUnread(row, seen) {
  const mine = row.dataset.part === "mine";
  return mine && Number(row.dataset.seq) > seen.upTo(row.dataset.id ?? "");
}
