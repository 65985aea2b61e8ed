// @ts-check
import { getJson, words } from "./inbox-api.js";

/** The saved answers: found by typing, chosen by arrow keys and Enter. */
export class SavedAnswers {
  /** @type {{ title: string, text: string, shared: boolean }[]} */
  #all = [];
  #at = 0;

  /** @param {HTMLDialogElement} dialog @param {(text: string) => void} insert */
  constructor(dialog, insert) {
    this.dialog = dialog;
    this.insert = insert;
    this.search = /** @type {HTMLInputElement} */ (dialog.querySelector("#saved-search"));
    this.list = /** @type {HTMLElement} */ (dialog.querySelector("#saved-list"));
    this.none = /** @type {HTMLElement} */ (dialog.querySelector("#saved-none"));
    this.search.addEventListener("input", () => this.#show(0));
    this.search.addEventListener("keydown", (event) => this.#key(event));
  }

  async open() {
    this.search.value = "";
    this.dialog.showModal();
    this.search.focus();
    this.#all = (await getJson("/staff/answers.json").catch(() => ({ answers: [] }))).answers;
    this.#show(0);
  }

  get #found() {
    const parts = this.search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (/** @type {any} */ answer) => {
      const text = `${answer.title} ${answer.text}`.normalize("NFKC").toLowerCase();
      return parts.every((part) => text.includes(part));
    };
    return this.#all.filter(holds).slice(0, 50);
  }

  /** @param {number} at */
  #show(at) {
    const found = this.#found;
    this.#at = Math.min(Math.max(at, 0), Math.max(found.length - 1, 0));
    this.none.hidden = found.length > 0;
    this.list.replaceChildren(...found.map((answer, index) => this.#option(answer, index)));
    const chosen = this.list.children[this.#at];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.search.setAttribute("aria-activedescendant", chosen.id);
    else this.search.removeAttribute("aria-activedescendant");
  }

  /** @param {{ title: string, text: string, shared: boolean }} answer @param {number} index */
  #option(answer, index) {
    const option = document.createElement("li");
    option.id = `saved-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(index === this.#at));
    const title = document.createElement("strong");
    title.textContent = answer.title;
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.textContent = answer.shared ? words.saved.shared : words.saved.personal;
    const text = document.createElement("span");
    text.className = "saved-text muted";
    text.textContent = answer.text;
    option.append(title, " ", badge, text);
    option.addEventListener("click", () => this.#take(answer.text));
    return option;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#show(this.#at + step);
    else if (event.key === "Enter" && this.#found.length) this.#take(this.#found[this.#at].text);
    else return;
    event.preventDefault();
  }

  /** @param {string} text */
  #take(text) {
    this.dialog.close();
    this.insert(text);
  }
}
