// @ts-check
/** @import { Attendance, PanelPort } from "./types.js" */
import { button, el } from "./dom.js";
import { T } from "./strings.ja.js";

/** On phones the open panel covers the page, so it has to behave like a modal dialog. */
export const PHONE = matchMedia("(max-width: 480px), (max-height: 420px)");

/**
 * Launcher, frame and header; the parts of the conversation are handed in.
 */
export class Panel {
  /** @param {PanelPort} port @param {Node[]} parts */
  constructor(port, parts) {
    this.port = port;
    this.member = el("p", { class: "member-line", hidden: true });
    this.largeButton = button(T.larger, () => this.setLarge(!this.large), { class: "tool" });
    this.restartButton = button(T.restart, () => this.#confirm(true), { class: "tool" });
    this.closeButton = button(T.close, port.close, { class: "tool", hidden: port.inline });
    this.title = el("h2", { id: "title", text: T.title });
    const tools = el("div", { class: "tools" }, this.largeButton, this.restartButton, this.closeButton);
    const heading = el("div", { class: "heading" }, this.title, el("p", { text: T.subtitle }));
    const header = el("div", { class: "header" }, heading, tools);
    this.attendance = el("p", { class: "attendance", hidden: true });
    this.subtitle = heading.lastElementChild;
    this.confirm = this.#confirmation();
    this.node = el(
      "section",
      { class: "panel", role: port.inline ? "region" : "dialog", "aria-labelledby": "title" },
      header,
      this.member,
      this.attendance,
      ...parts,
      this.confirm,
    );
    this.node.hidden = !port.inline;
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.badge = el("span", { class: "badge", hidden: true, "aria-hidden": "true" });
    this.launcher = button(T.launcher, port.open, { class: "launcher", hidden: port.inline });
    this.launcher.append(this.badge);
    this.live = el("div", { class: "sr", "aria-live": "polite" });
    this.root = el("div", { class: "root", lang: "ja" }, this.launcher, this.node, this.live);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** @param {boolean} open */
  show(open) {
    this.node.hidden = !open;
    this.launcher.hidden = open;
    if (open && PHONE.matches && !this.port.inline) this.node.setAttribute("aria-modal", "true");
    else this.node.removeAttribute("aria-modal");
    if (open) this.unread(0);
    if (!open) this.#confirm(false);
  }

  /** @param {number} count  messages not seen yet */
  unread(count) {
    this.badge.hidden = count === 0;
    this.badge.textContent = String(count);
    const label = count ? `${T.launcher}（${T.unread(count)}）` : T.launcher;
    this.launcher.setAttribute("aria-label", label);
  }

  /** Tells screen readers, apart from the log, and forgets it again. @param {string} text */
  announce(text) {
    const line = el("p", { text });
    this.live.append(line);
    setTimeout(() => line.remove(), 15_000);
  }

  get large() {
    return this.root.classList.contains("large");
  }

  /** @param {boolean} large */
  setLarge(large) {
    this.root.classList.toggle("large", large);
    this.largeButton.textContent = large ? T.normal : T.larger;
    this.port.enlarge(large);
  }

  /** @param {string} text  whose conversation this is; '' for guests */
  showMember(text) {
    this.member.textContent = text;
    this.member.hidden = !text;
  }

  /** Who answers now. @param {Attendance} now */
  showAttendance({ who, name, waiting }) {
    const text = who === "staff" ? T.withStaff(name) : waiting ? T.waitingForStaff : "";
    this.attendance.textContent = text;
    this.attendance.hidden = !text;
    this.attendance.classList.toggle("by-staff", who === "staff");
    if (this.subtitle) this.subtitle.textContent = who === "staff" ? T.subtitleStaff : T.subtitle;
  }

  /** Keeps the panel above the on-screen keyboard of phones. */
  fitViewport() {
    const seen = window.visualViewport;
    if (!seen || seen.scale > 1.01) return; // pinched to read: leave everything where it is
    this.root.style.setProperty("--seen-height", `${Math.round(seen.height)}px`);
    this.root.style.setProperty("--seen-top", `${Math.round(seen.offsetTop)}px`);
  }

  #confirmation() {
    const yes = button(T.restartYes, () => {
      this.#confirm(false);
      this.port.restart();
    }, { class: "choice-like strong" });
    const no = button(T.restartNo, () => this.#confirm(false), { class: "choice-like" });
    return el(
      "div",
      { class: "confirm", hidden: true, role: "alertdialog", "aria-modal": "true",
        "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      el("div", { class: "confirm-box" },
        el("p", { class: "confirm-title", id: "confirm-title", text: T.restartTitle }),
        el("p", { id: "confirm-text", text: T.restartText }), no, yes),
    );
  }

  /** @param {boolean} open */
  #confirm(open) {
    if (this.confirm.hidden === !open) return;
    this.confirm.hidden = !open;
    if (open) this.confirm.querySelector("button")?.focus();
    else this.restartButton.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // Escape belongs to the IME
    if (event.key === "Escape") {
      event.stopPropagation();
      if (!this.confirm.hidden) this.#confirm(false);
      else if (!this.port.escape() && !this.port.inline) this.port.close();
    }
    const modal = !this.confirm.hidden || (PHONE.matches && !this.port.inline);
    if (event.key === "Tab" && modal) this.#trap(event);
  }

  /** Tab goes round inside what is modal. @param {KeyboardEvent} event */
  #trap(event) {
    const scope = this.confirm.hidden ? this.node : this.confirm;
    const stops = [...scope.querySelectorAll("button, a, textarea, [tabindex='0']")].filter(
      (node) => /** @type {HTMLElement} */ (node).offsetParent !== null,
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    const next = event.shiftKey ? stops.at(-1) : stops[0];
    const active = /** @type {ShadowRoot} */ (this.node.getRootNode()).activeElement;
    if (active !== edge) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (next).focus();
  }
}
