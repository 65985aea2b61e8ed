// @ts-check
/** @import { Saved } from "./types.js" */

/**
 * What must survive a reload, in the tab's sessionStorage. A browser that forbids storage gets
 * the same for the life of the page.
 */
export class Store {
  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {string} base  API origin, so that two desks on one site stay apart */
  constructor(base) {
    this.prefix = `navi:v1:${base}:`;
  }

  /**
   * The saved conversation if it belongs to this member and this clock; anybody else's is
   * forgotten at once: the next user of the browser must not see it.
   * @param {string} memberKey @param {string} demoNow @returns {Saved | null}
   */
  load(memberKey, demoNow) {
    const saved = this.peek();
    if (!saved) return null;
    if (saved.memberKey === memberKey && saved.demoNow === demoNow) return saved;
    this.forget();
    return null;
  }

  /** @returns {Saved | null} whosever it is */
  peek() {
    try {
      const saved = JSON.parse(this.#get("conversation") ?? "null");
      const whole = saved && saved.conversationId && Array.isArray(saved.outbox);
      return whole ? saved : null;
    } catch {
      return null;
    }
  }

  /** @param {Saved} saved */
  save(saved) {
    this.#set("conversation", JSON.stringify(saved));
  }

  forget() {
    this.#set("conversation", "");
    this.#set("draft", "");
  }

  get draft() {
    return this.#get("draft") ?? "";
  }
  set draft(text) {
    this.#set("draft", text);
  }

  get open() {
    return this.#get("open") === "1";
  }
  set open(yes) {
    this.#set("open", yes ? "1" : "");
  }

  /** Large type is a person's wish, not a conversation's: it outlives the tab. */
  get large() {
    return this.#get("large", "localStorage") === "1";
  }
  set large(yes) {
    this.#set("large", yes ? "1" : "", "localStorage");
  }

  /** @param {string} key @param {"sessionStorage" | "localStorage"} [area] */
  #get(key, area = "sessionStorage") {
    const name = this.prefix + key;
    if (this.#memory.has(name)) return this.#memory.get(name);
    try {
      return window[area].getItem(name);
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} value @param {"sessionStorage" | "localStorage"} [area] */
  #set(key, value, area = "sessionStorage") {
    const name = this.prefix + key;
    try {
      if (value) window[area].setItem(name, value);
      else window[area].removeItem(name);
      this.#memory.delete(name);
    } catch {
      this.#memory.set(name, value);
    }
  }
}
