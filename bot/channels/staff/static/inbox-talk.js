// @ts-check
/** @import { Seen } from "./inbox-seen.js" */
import { getJson, post, say, words } from "./inbox-api.js";
import { Renewal } from "./inbox-renewal.js";
import { Reply } from "./inbox-reply.js";

const TYPING_MS = 6_000;

/** @param {string} id @param {ParentNode} [root] @returns {any} */
const find = (id, root = document) => root.querySelector(`#${id}`);

/** The conversation that is open. */
export class Talk {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  #renewal = new Renewal(() => this.#fetch());
  #follow = true;
  #all = false;

  /**
   * @param {HTMLElement} node @param {Seen} seen @param {() => void} changed
   * @param {(text: string) => void} announce
   */
  constructor(node, seen, changed, announce) {
    this.node = node;
    this.id = node.dataset.id ?? "";
    this.seen = seen;
    this.changed = changed;
    this.announce = announce;
    this.log = find("talk-log", node);
    this.items = find("talk-items", node);
    this.newest = find("talk-newest", node);
    this.reply = new Reply(node, this.id, () => this.refresh());
    node.addEventListener("submit", (event) => this.#submitted(event));
    this.log.addEventListener("scroll", () => {
      this.#follow = this.#atEnd();
      if (this.#follow) this.newest.hidden = true;
    });
    this.newest.addEventListener("click", () => this.toEnd());
    // Whatever takes room from the transcript must not push the newest words out of sight.
    new ResizeObserver(() => this.#follow && this.toEnd()).observe(this.log);
    this.#divide();
    this.toEnd();
    this.read();
  }

  get lastSeq() {
    return Math.max(0, ...[...this.items.querySelectorAll("[data-seq]")].map((li) => Number(li.dataset.seq)));
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.#follow = true;
    this.newest.hidden = true;
  }

  /** What is on a screen that somebody looks at is read. */
  read() {
    if (document.hidden) return;
    this.seen.mark(this.id, this.lastSeq);
  }

  /** Renews what may have changed; several wishes at once become one. @returns {Promise<void>} */
  refresh() {
    return this.#renewal.ask();
  }

  /**
   * A member took a message back: its words go at once, whatever the network does, and what stands
   * for them comes. It may be older than what a refresh brings, so everything is asked for.
   * @param {number} seq @returns {Promise<void>}
   */
  unsaid(seq) {
    this.items.querySelector(`[data-seq="${Number(seq)}"]`)?.remove();
    this.#all = true;
    return this.refresh();
  }

  /** Another conversation takes this one's place on the page. */
  leave() {
    this.#renewal.stop();
  }

  async #fetch() {
    const all = this.#all;
    this.#all = false;
    try {
      let parts = await getJson(`/staff/inbox/${this.id}/parts${all ? "?all=true" : ""}`);
      if (!all && firstSeq(parts.items) > this.lastSeq + 1) {
        parts = await getJson(`/staff/inbox/${this.id}/parts?all=true`); // slept for long
      }
      this.#show(parts);
    } catch (error) {
      this.#all ||= all;
      throw error;
    }
  }

  /** @param {any} parts */
  #show(parts) {
    replace(find("talk-bar", this.node), parts.bar);
    replace(find("talk-summary", this.node), parts.summary);
    this.reply.allow(parts.may_reply, parts.reply_state);
    const before = this.lastSeq;
    const fresh = merge(this.items, parts.items);
    const said = fresh.filter((li) => Number(li.dataset.seq) > before);
    const theirs = said.filter((li) => li.dataset.author === "member");
    if (theirs.length) this.showTyping(false);
    for (const li of theirs) this.announce(li.innerText);
    if (this.#follow) this.toEnd();
    else if (theirs.length) this.newest.hidden = false;
    this.read();
    this.changed();
  }

  /** @param {boolean} on  the member writes */
  showTyping(on) {
    clearTimeout(this.#typing);
    find("member-typing", this.node).hidden = !on;
    if (on && this.#follow) this.toEnd();
    if (on) this.#typing = setTimeout(() => this.showTyping(false), TYPING_MS);
  }

  /** 「ここから新しいメッセージ」, once at opening. */
  #divide() {
    const upTo = this.seen.upTo(this.id);
    const isNew = (/** @type {any} */ li) =>
      li.dataset.author === "member" && Number(li.dataset.seq) > upTo;
    const first = upTo && [...this.items.children].find(isNew);
    if (!first) return;
    const line = document.createElement("li");
    line.className = "said-divider";
    line.textContent = words.talk.unread;
    first.before(line);
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.id === "say") return; // the reply box has its own way
    event.preventDefault();
    if (form.dataset.sure && !(await sure(form.dataset.sure))) return;
    const problem = find(form.id === "note-form" ? "note-problem" : "bar-problem", this.node);
    const values = Object.fromEntries(new FormData(form));
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
    button.disabled = true;
    try {
      await post(form.action, /** @type {Record<string, string>} */ (values));
      if (form.id === "note-form") this.#noted(form);
      await this.refresh();
      if (form.dataset.action === "take") this.reply.focus();
      else if (form.dataset.action) find("talk-title", this.node)?.focus();
    } catch (error) {
      if (form.dataset.action) await this.refresh().catch(() => {}); // it may have another owner
      say(find(problem.id, this.node), error);
    } finally {
      button.disabled = false;
    }
  }

  /** @param {HTMLFormElement} form */
  #noted(form) {
    form.reset();
    find("note-problem", this.node).hidden = true;
    find("talk-note", this.node).open = false;
    this.announce(words.notes.added);
    this.#follow = true;
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < 60;
  }
}

/** @param {HTMLElement} place @param {string} html  the server's, escaped there */
function replace(place, html) {
  const focused = document.activeElement && place.contains(document.activeElement);
  place.innerHTML = html;
  if (focused) /** @type {any} */ (place.querySelector("h2, h3"))?.focus();
}

/** @param {any} li  what stays the same while its content changes */
const keyOf = (li) => li.dataset.seq ?? li.dataset.note ?? li.dataset.feedback ?? "";
const kindOf = (/** @type {any} */ li) => `${li.className.split(" ")[1] ?? ""}`;
const nameOf = (/** @type {any} */ li) =>
  "seq" in li.dataset ? `m${keyOf(li)}` : `${kindOf(li)}${keyOf(li)}`;

/** @param {string} html @returns {HTMLElement[]} */
function rows(html) {
  const list = document.createElement("template");
  list.innerHTML = html;
  return [...list.content.children].map((li) => /** @type {HTMLElement} */ (li));
}

/** @param {string} html */
function firstSeq(html) {
  return Number(rows(html).find((li) => li.dataset.seq)?.dataset.seq ?? 0);
}

/**
 * Puts new rows in and replaces those that changed; the others stay as they are, so that what
 * somebody is reading or marking does not jump.
 * @param {HTMLElement} list @param {string} html @returns {HTMLElement[]} the new ones
 */
function merge(list, html) {
  const known = new Map([...list.children].map((li) => [nameOf(li), li]));
  /** @type {Element | null} */
  let last = null;
  const added = [];
  for (const row of rows(html)) {
    const there = known.get(nameOf(row));
    if (there && there.outerHTML !== row.outerHTML) there.replaceWith(row);
    else if (!there) {
      if (last) last.after(row);
      else list.append(row);
      added.push(row);
    }
    last = row.isConnected ? row : (there ?? row);
  }
  return added;
}

/** @param {string} question @returns {Promise<boolean>} */
function sure(question) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("sure-dialog"));
  /** @type {any} */ (dialog.querySelector("p")).textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
