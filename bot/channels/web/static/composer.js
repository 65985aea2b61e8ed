// @ts-check
/** @import { ComposerPort } from "./types.js" */
import { button, el } from "./dom.js";
import { T } from "./strings.ja.js";

export const LIMIT = 1000;
const HINT_FROM = 900;
const AFTER_COMPOSITION_MS = 100;

/** Characters as the server counts them: trimmed, by code point. @param {string} text */
export const lengthOf = (text) => [...text.trim()].length;

/** Where the member writes. */
export class Composer {
  #composing = false;
  #compositionEnd = 0;

  /** @param {ComposerPort} port @param {HTMLElement} menuButton */
  constructor(port, menuButton) {
    this.port = port;
    this.hint = el("p", { class: "hint", id: "hint", role: "status" });
    this.keys = el("p", { class: "keys", id: "keys", text: T.keys });
    this.field = el("textarea", {
      rows: 1,
      "aria-label": T.field,
      "aria-describedby": "keys hint",
      placeholder: T.placeholder,
      enterkeyhint: "send",
      autocomplete: "off",
    });
    const form = el(
      "form",
      { class: "composer" },
      menuButton,
      this.field,
      el("button", { type: "submit", class: "send", text: T.send }),
    );
    this.node = el("div", { class: "composer-area" }, this.hint, form, this.keys);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => {
      this.#changed();
      if (this.field.value) this.port.typing();
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("compositionstart", () => (this.#composing = true));
    this.field.addEventListener("compositionend", () => {
      this.#composing = false;
      this.#compositionEnd = performance.now();
    });
  }

  get text() {
    return this.field.value;
  }
  set text(value) {
    this.field.value = value;
    this.#changed();
  }

  /** @param {string} text  kept, in front of what is there already */
  putBack(text) {
    this.text = [text, this.text].filter(Boolean).join("\n");
  }

  focus() {
    this.field.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    if (this.#composing || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    // Safari ends a composition just before the keydown of the Enter that confirmed it.
    if (performance.now() - this.#compositionEnd < AFTER_COMPOSITION_MS) return;
    if (!event.repeat) this.#submit();
  }

  #submit() {
    const text = this.field.value.trim();
    const over = lengthOf(text) - LIMIT;
    if (over > 0) {
      this.hint.textContent = T.over(over);
      this.focus();
    } else if (text && this.port.send(text)) {
      this.text = "";
      this.focus();
    } else if (text) {
      this.hint.textContent = T.notYet;
    }
  }

  #changed() {
    const length = lengthOf(this.field.value);
    const near = length > HINT_FROM ? T.left(LIMIT - length) : "";
    this.hint.textContent = length > LIMIT ? T.over(length - LIMIT) : near;
    this.hint.classList.toggle("over", length > LIMIT);
    this.port.draft(this.field.value);
    this.grow();
  }

  /** As tall as the text; the style sheet ends it at four lines. */
  grow() {
    this.field.style.height = "auto";
    if (!this.field.value) this.field.style.height = ""; // not as tall as a wrapped placeholder
    else if (this.field.scrollHeight) this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }
}

/** The list of usual topics. Choosing one writes its words, like typing them. */
export class Menu {
  /** @param {(text: string) => void} choose */
  constructor(choose) {
    this.button = button(T.menu, () => this.toggle(), {
      class: "menu-button",
      "aria-expanded": "false",
      "aria-controls": "menu",
    });
    const items = T.menuItems.map((text) => {
      const pick = () => {
        this.toggle(false);
        choose(text);
      };
      return el("li", {}, button(text, pick, { class: "menu-item" }));
    });
    this.node = el(
      "div",
      { class: "menu", id: "menu", hidden: true, role: "group", "aria-label": T.menuTitle },
      el("p", { text: T.menuTitle }),
      el("ul", { role: "list" }, ...items),
    );
  }

  get isOpen() {
    return !this.node.hidden;
  }

  toggle(open = this.node.hidden) {
    this.node.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.node.querySelector("button")?.focus();
    else this.button.focus();
  }
}
