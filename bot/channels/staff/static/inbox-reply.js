// @ts-check
import { post, say, words } from "./inbox-api.js";

const LIMIT = 1000;
const HINT_FROM = 850;
const AFTER_COMPOSITION_MS = 100;
const TYPING_EVERY_MS = 3_000;

/** Characters as the server counts them: trimmed, by code point. @param {string} text */
const lengthOf = (text) => [...text.trim()].length;

/** The box in which a person answers. Nothing that was written is lost: not by a failed send, not
 * by opening another conversation. */
export class Reply {
  #composing = false;
  #composedAt = -Infinity;
  #typedAt = -Infinity;
  #sending = false;

  /** @param {ParentNode} root @param {string} id @param {() => Promise<void>} sent */
  constructor(root, id, sent) {
    const find = (/** @type {string} */ name) => /** @type {any} */ (root.querySelector(`#${name}`));
    this.id = id;
    this.sent = sent;
    this.form = find("say");
    this.field = find("reply");
    this.button = find("send");
    this.hint = find("reply-hint");
    this.problem = find("reply-problem");
    this.state = find("reply-state");
    this.draftKey = `navi-draft-${id}`;
    this.clientId = crypto.randomUUID?.() ?? this.form.elements.client_id.value;
    this.field.value ||= sessionStorage.getItem(this.draftKey) ?? "";
    this.form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    });
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.field.addEventListener("compositionstart", () => (this.#composing = true));
    this.field.addEventListener("compositionend", () => {
      this.#composing = false;
      this.#composedAt = performance.now();
    });
    this.#saved(find("open-saved"));
  }

  get isOpen() {
    return !this.form.hidden;
  }

  focus() {
    if (this.isOpen) this.field.focus();
  }

  /** @param {boolean} mayReply @param {string} why  else */
  allow(mayReply, why) {
    this.state.textContent = why;
    // Words that wait for another try must stay in sight, whoever has the conversation now.
    this.form.hidden = !mayReply && !this.field.value;
    this.button.disabled = !mayReply || this.#sending;
  }

  /** Puts a saved answer where the cursor is. @param {string} text */
  insert(text) {
    const { selectionStart: from, selectionEnd: to } = this.field;
    this.field.focus();
    this.field.setRangeText(text, from, to, "end");
    this.#changed();
  }

  /** @param {HTMLButtonElement} button */
  #saved(button) {
    button.hidden = false;
    button.addEventListener("click", () => document.dispatchEvent(new Event("open-saved")));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#composing || event.isComposing || event.keyCode === 229) return;
    // Out of the field, so that single keys are shortcuts again.
    if (event.key === "Escape") document.getElementById("talk-title")?.focus();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // Safari ends a composition just before the keydown of the Enter that confirmed it.
    if (performance.now() - this.#composedAt < AFTER_COMPOSITION_MS) return;
    if (!event.repeat) void this.#send();
  }

  async #send() {
    const text = this.field.value;
    if (!text.trim() || this.#sending || this.button.disabled) return;
    if (lengthOf(text) > LIMIT) return this.#changed();
    this.#busy(true);
    try {
      await post(`/staff/inbox/${this.id}/say`, { text, client_id: this.clientId });
      this.clientId = crypto.randomUUID?.() ?? this.clientId;
      this.field.value = "";
      this.#typedAt = -Infinity; // the next words are told at once
      this.#changed();
      this.hint.textContent = words.reply.sent;
      await this.sent();
    } catch (error) {
      say(this.problem, error);
      await this.sent().catch(() => {}); // somebody else may have it by now
      this.problem.hidden = false;
    } finally {
      this.#busy(false);
      if (document.activeElement === document.body) this.focus();
    }
  }

  /** @param {boolean} on */
  #busy(on) {
    this.#sending = on;
    this.button.disabled = on;
    this.field.readOnly = on;
    if (on) this.hint.textContent = words.reply.sending;
    else if (this.hint.textContent === words.reply.sending) this.hint.textContent = "";
  }

  #changed() {
    const text = this.field.value;
    const length = lengthOf(text);
    // Other words are another message: the server refuses them under the id of the first.
    if (!this.problem.hidden) this.clientId = crypto.randomUUID?.() ?? this.clientId;
    this.problem.hidden = true;
    const near = length > HINT_FROM ? words.reply.left.replace("{count}", LIMIT - length) : "";
    this.hint.textContent =
      length > LIMIT ? words.reply.over.replace("{count}", length - LIMIT) : near;
    if (text) sessionStorage.setItem(this.draftKey, text);
    else sessionStorage.removeItem(this.draftKey);
    if (text && performance.now() - this.#typedAt > TYPING_EVERY_MS) {
      this.#typedAt = performance.now();
      post(`/staff/inbox/${this.id}/typing`).catch(() => {}); // a courtesy, nothing more
    }
  }
}
