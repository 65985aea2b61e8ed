// @ts-check
/** @import { Choice, Entry, LogPort, Message } from "./types.js" */
import { BOT, after } from "./attendance.js";
import { button, el } from "./dom.js";
import { Feedback, asksForFeedback } from "./feedback.js";
import { messageElement, pendingElement } from "./message.js";
import { T } from "./strings.ja.js";

const DOUBLE_TAP_MS = 700; // pressed choices shrink: a second tap would land on a neighbour
const LONG_WAIT_MS = 7_000;
const STAFF_TYPING_MS = 6_000;

/**
 * The conversation on the screen: messages by seq, then what is still unsent, then the typing
 * indicator. Not a live region itself; new messages are announced apart from it.
 */
export class LogView {
  /** @type {Map<string, { seq: number, node: HTMLElement, message: Message }>} */
  #shown = new Map();
  /** @type {Feedback | null} */
  #feedback = null;
  #lastChoice = 0;
  #follow = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #longWait;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #staffTyping;

  /** @param {LogPort} port */
  constructor(port) {
    this.port = port;
    this.list = el("div", { class: "list" });
    this.pending = el("div", { class: "list" });
    this.typingText = el("span", { text: T.typing });
    const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.typing = el("div", { class: "typing", hidden: true }, dots, this.typingText);
    this.staffTypingText = el("span");
    this.staffTyping = el("div", { class: "typing staff-typing", hidden: true },
      dots.cloneNode(true), this.staffTypingText);
    this.jump = button(T.newBelow, () => this.toEnd(), { class: "jump", hidden: true });
    this.scroller = el(
      "div",
      { class: "log", role: "log", "aria-live": "off", "aria-label": T.log, tabindex: "0" },
      this.list,
      this.pending,
      this.typing,
      this.staffTyping,
    );
    this.scroller.addEventListener("scroll", () => {
      this.#follow = this.#atEnd();
      if (this.#follow) this.jump.hidden = true;
    });
    // A keyboard, a notice or larger type must not push the newest words out of sight.
    new ResizeObserver(() => this.#follow && this.toEnd()).observe(this.scroller);
    this.node = el("div", { class: "log-area" }, this.scroller, this.jump);
  }

  clear() {
    this.#feedback?.leave();
    this.#feedback = null;
    this.#shown.clear();
    this.list.replaceChildren();
    this.jump.hidden = true;
    this.showStaffTyping("", false);
    this.showEntries([], false);
  }

  /** @param {string} name  of the person who writes @param {boolean} [on] */
  showStaffTyping(name, on = true) {
    clearTimeout(this.#staffTyping);
    this.staffTypingText.textContent = T.staffTyping(name);
    this.staffTyping.hidden = !on;
    if (on && this.#follow) this.toEnd();
    if (on) this.#staffTyping = setTimeout(() => this.showStaffTyping("", false), STAFF_TYPING_MS);
  }

  /** A line of the widget's own, not part of the conversation. @param {string} text */
  note(text) {
    this.list.append(el("div", { class: "msg system" }, el("div", { class: "bubble", text })));
  }

  /** @param {Message[]} messages  new ones @param {boolean} fresh */
  add(messages, fresh) {
    const followed = this.#follow;
    /** @type {HTMLElement | null} */
    let first = null;
    for (const message of messages) {
      const node = this.#insert(message);
      if (message.author !== "member") first ??= node;
    }
    this.#markNewest();
    this.#markDelivered();
    if (messages.some(({ author }) => author === "staff")) this.showStaffTyping("", false);
    const staffOnly = messages.every((message) => message.author === "staff");
    if (fresh && staffOnly && !followed) this.#hint(T.newBelow);
    else this.#reveal(fresh ? first : null);
  }

  /** @param {Entry[]} entries @param {boolean} busy  an answer is awaited */
  showEntries(entries, busy) {
    const hadFocus = this.pending.matches(":focus-within");
    const grew = entries.length > this.pending.childElementCount;
    this.pending.replaceChildren(...entries.map((entry) => pendingElement(entry, this.port)));
    if (hadFocus) this.scroller.focus();
    this.#markNewest();
    if (this.typing.hidden === busy) this.#showTyping(busy);
    if (grew) this.#feedback?.leave();
    if (grew || this.#follow) this.toEnd();
  }

  /** @param {string} text  empty: nothing to point at */
  #hint(text) {
    this.jump.textContent = text;
    this.jump.hidden = !text;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#follow = true;
  }

  /** The panel closes or the page goes away. */
  leave() {
    this.#feedback?.leave();
  }

  /** @param {Message} message */
  #insert(message) {
    const node = messageElement(message, {
      base: this.port.base,
      choose: (choice, event) => this.#choose(choice, event),
    });
    if (message.author === "member") {
      node.querySelector(".meta")?.append(" ", el("span", { class: "sent", text: T.sent }));
    }
    const later = [...this.#shown.values()].filter(({ seq }) => seq > message.seq);
    later.sort((a, b) => a.seq - b.seq);
    this.list.insertBefore(node, later[0]?.node ?? null);
    this.#shown.set(String(message.id), { seq: message.seq, node, message });
    if (!later.length) this.#offerFeedback(message, node);
    return node;
  }

  /** @param {Message} message  the newest @param {HTMLElement} node */
  #offerFeedback(message, node) {
    this.#feedback?.leave();
    this.#feedback = null;
    const id = String(message.id);
    if (!asksForFeedback(message) || this.port.isRated(id)) return;
    this.#feedback = new Feedback((helpful, comment) => this.port.rate(helpful, id, comment));
    node.append(this.#feedback.node);
  }

  /** What a person reads is "delivered": there is no answer of the bot to wait for. */
  #markDelivered() {
    let now = BOT;
    for (const { message, node } of [...this.#shown.values()].sort((a, b) => a.seq - b.seq)) {
      const sent = message.author === "member" && node.querySelector(".sent");
      if (sent) sent.textContent = now.who === "staff" ? T.delivered : T.sent;
      now = after(now, message);
    }
  }

  /** Only the newest message's choices are large; an answer under way makes all of them old. */
  #markNewest() {
    const last = this.pending.childElementCount ? null : this.list.lastElementChild;
    for (const { node } of this.#shown.values()) node.classList.toggle("newest", node === last);
  }

  /** @param {Choice} choice @param {MouseEvent} event */
  #choose(choice, event) {
    const now = Date.now();
    const button = /** @type {Element} */ (event.currentTarget);
    const slipped = !button.closest(".newest") && now - this.#lastChoice < DOUBLE_TAP_MS;
    if (slipped || event.detail > 1) return; // detail: the second click of a double click
    this.#lastChoice = now;
    this.port.choose(choice);
  }

  /** @param {boolean} busy */
  #showTyping(busy) {
    clearTimeout(this.#longWait);
    this.typingText.textContent = T.typing;
    this.typing.hidden = !busy;
    if (!busy) return;
    const patience = () => (this.typingText.textContent = T.typingLong);
    this.#longWait = setTimeout(patience, LONG_WAIT_MS);
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  /** To the end, but never past the beginning of what is new: long answers are read from the top.
   * @param {HTMLElement | null} first */
  #reveal(first) {
    this.toEnd();
    if (!first) return;
    const over = first.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    if (over >= 0) return;
    this.scroller.scrollTop += over - 8;
    this.#follow = this.#atEnd();
    // The choices lie below what fits: nobody should have to guess that.
    this.#hint(this.#follow ? "" : T.moreBelow);
  }
}
