// @ts-check
/** @import { Message } from "./types.js" */
import { button, el } from "./dom.js";
import { T } from "./strings.ja.js";

/** Replies to which "was this helpful" would be an odd question. */
const NOT_ANSWERS = ["clarify", "greet", "thanks", "goodbye", "handoff", "capabilities", "out_of_scope"];

/** @param {Message} message */
export function asksForFeedback({ author, outcome, topic, question }) {
  if (author !== "bot" || question) return false;
  return Boolean(outcome) || Boolean(topic && !NOT_ANSWERS.includes(topic));
}

/**
 * The quiet question under an answer. After 「いいえ」 there is room for a word; going on without
 * one (`leave`) still counts the 「いいえ」, once.
 */
export class Feedback {
  #rated = false;
  #commenting = false;

  /** @param {(helpful: boolean, comment: string) => Promise<void>} send */
  constructor(send) {
    this.send = send;
    this.field = el("textarea", { rows: 2, maxlength: 1000, "aria-label": T.commentLabel });
    this.node = el(
      "div",
      { class: "feedback", role: "group", "aria-label": T.helpful },
      el("span", { text: T.helpful }),
      button(T.yes, () => this.#finish(true, ""), { class: "small" }),
      button(T.no, () => this.#ask(), { class: "small" }),
    );
  }

  /** The conversation goes on, or the panel closes. */
  leave() {
    if (this.#commenting) void this.#finish(false, this.field.value);
    else if (!this.#rated) this.node.remove();
  }

  #ask() {
    this.#commenting = true;
    this.node.replaceChildren(
      el("span", { text: T.commentLabel }),
      this.field,
      button(T.commentSend, () => this.#finish(false, this.field.value), { class: "small" }),
      button(T.commentSkip, () => this.#finish(false, ""), { class: "small" }),
    );
    this.field.focus();
  }

  /** @param {boolean} helpful @param {string} comment */
  async #finish(helpful, comment) {
    if (this.#rated) return;
    this.#rated = true;
    this.#commenting = false;
    const thanks = el("span", { text: T.thanks, tabindex: "-1" });
    const hadFocus = this.node.matches(":focus-within");
    this.node.replaceChildren(thanks);
    if (hadFocus) thanks.focus(); // the pressed button is gone; focus must not fall to the page
    await this.send(helpful, comment.trim()).catch(() => {}); // a lost vote is no member's worry
  }
}
