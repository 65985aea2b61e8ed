// @ts-check
/** @import { Choice, Config, Entry, Listener, Message, Phase } from "./types.js" */
import { Composer, Menu } from "./composer.js";
import { button, el } from "./dom.js";
import { LogView } from "./log.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { T } from "./strings.ja.js";

/** Ties the conversation (Session) to what is on the screen. */
export class Chat {
  #unread = 0;
  #attached = new AbortController();

  /** @param {Config} config @param {boolean} inline */
  constructor(config, inline) {
    this.inline = inline;
    this.store = new Store(config.base);
    this.session = new Session(config, this.store, this.#listener());
    this.log = new LogView({
      base: config.base,
      choose: (choice) => this.#choose(choice),
      retry: () => this.session.outbox.retry(),
      rewrite: (entry) => this.#rewrite(entry),
      isRated: (id) => this.session.isRated(id),
      rate: (helpful, id, comment) => this.session.rate(helpful, id, comment),
    });
    this.status = el("span", { role: "status" });
    this.statusActions = el("span", { class: "status-actions" });
    this.statusBar = el("div", { class: "status", hidden: true }, this.status, this.statusActions);
    this.menu = new Menu((text) => void this.#write(text));
    const port = {
      send: this.#write,
      draft: (/** @type {string} */ text) => (this.store.draft = text),
      typing: () => this.session.typing(),
    };
    this.composer = new Composer(port, this.menu.button);
    const parts = [this.log.node, this.statusBar, this.menu.node, this.composer.node];
    this.panel = new Panel(
      {
        inline,
        open: () => this.open(),
        close: () => this.close(),
        restart: () => this.#restart(),
        enlarge: (large) => (this.store.large = large),
        escape: () => this.menu.isOpen && (this.menu.toggle(false), true),
      },
      parts,
    );
    this.panel.setLarge(this.store.large);
  }

  /** The page shows the element. @param {boolean} openAtOnce */
  attach(openAtOnce) {
    this.#attached = new AbortController();
    const { signal } = this.#attached;
    const fit = () => this.panel.fitViewport();
    for (const name of ["online", "offline"]) window.addEventListener(name, this.#online, { signal });
    for (const name of ["resize", "scroll"]) visualViewport?.addEventListener(name, fit, { signal });
    window.addEventListener("pagehide", () => this.log.leave(), { signal });
    window.addEventListener("pageshow", this.#returned, { signal });
    const awake = () => document.hidden || this.session.wake();
    document.addEventListener("visibilitychange", awake, { signal });
    const { memberKey = "", demoNow } = this.session.config;
    const saved = this.store.load(memberKey, demoNow); // another member's draft goes with it
    this.composer.text = this.store.draft;
    if (this.inline || openAtOnce || this.store.open) this.open(false);
    else if (saved) this.session.start(); // closed, but staff may be answering
  }

  detach() {
    this.#attached.abort();
    this.session.stop();
  }

  /** @param {boolean} [byMember]  a page that opens it by itself must not take the focus */
  open(byMember = true) {
    this.#unread = 0;
    this.panel.fitViewport();
    this.panel.show(true);
    if (!this.inline) this.store.open = true;
    this.session.start();
    this.composer.grow();
    this.log.toEnd();
    if (byMember) this.composer.focus();
  }

  close() {
    this.log.leave();
    this.panel.show(false);
    this.store.open = false;
    this.panel.launcher.focus();
  }

  /** Another member (or nobody) is logged in now: nothing of the former may stay. */
  switchMember(/** @type {string | undefined} */ memberKey) {
    this.session.config.memberKey = memberKey;
    this.composer.text = "";
    this.session.reset();
    if (this.panel.isOpen) this.session.start();
  }

  /** @returns {Listener} */
  #listener() {
    return {
      onPhase: (phase, detail) => this.#showPhase(phase, detail),
      onMessages: (messages, fresh) => this.#received(messages, fresh),
      onOutbox: (entries, busy) => this.log.showEntries(entries, busy),
      onAttendance: (now) => this.panel.showAttendance(now),
      onTyping: (name) => this.log.showStaffTyping(name),
      onReset: () => {
        this.log.clear();
        this.panel.showMember("");
      },
      onGone: (unsent) => this.#gone(unsent),
    };
  }

  /** @param {string} text @returns {boolean} whether it was taken */
  #write = (text) => {
    if (this.session.phase !== "ready") return false; // the notice comes before the first input
    this.session.send(text);
    return true;
  };

  /** @param {Choice} choice */
  #choose(choice) {
    const waiting = this.session.outbox.entries.some((entry) => entry.choice === choice.id);
    if (this.session.phase === "ready" && !waiting) this.session.send(choice.label, choice);
  }

  /** @param {Entry} entry */
  #rewrite(entry) {
    this.session.outbox.remove(entry.id);
    this.composer.putBack(entry.text);
    this.composer.focus();
  }

  #restart() {
    this.session.reset();
    this.session.start();
    this.composer.focus();
  }

  /** @param {string} unsent */
  #gone(unsent) {
    this.log.clear();
    this.log.note(T.gone);
    this.panel.announce(T.gone);
    if (!unsent) return;
    this.composer.putBack(unsent);
    this.log.note(T.kept);
  }

  /** @param {Message[]} messages @param {boolean} fresh */
  #received(messages, fresh) {
    this.log.add(messages, fresh);
    const others = messages.filter((message) => message.author !== "member");
    if (!fresh) return;
    for (const { author, text } of others) this.panel.announce(`${T.who[author]}：${text}`);
    if (!this.panel.isOpen) this.panel.unread((this.#unread += others.length));
  }

  /** @param {Phase} phase @param {string} detail  the server's own sentence, if any */
  #showPhase(phase, detail) {
    const { member } = this.session;
    const kind = member?.kind ? T.kind[member.kind] : "";
    this.panel.showMember(member ? T.member(member.number_masked, kind) : "");
    const again = button(T.reconnect, () => this.session.reconnect(), { class: "small" });
    const offline = !navigator.onLine;
    if (phase === "connecting") this.#showStatus(T.connecting);
    else if (phase === "waiting") this.#showStatus(offline ? T.offline : detail || T.waiting, again);
    else if (phase === "refused") this.#showStatus(detail || T.refusedStart, again);
    else if (phase === "identity") this.#askAboutIdentity();
    else this.#showStatus(offline ? T.offline : "");
  }

  #askAboutIdentity() {
    this.#showStatus(
      T.identity,
      button(T.identityRetry, () => this.session.reconnect(), { class: "small" }),
      button(T.asGuest, () => this.session.reconnect(true), { class: "small" }),
    );
  }

  /** @param {string} text @param {...Node} actions */
  #showStatus(text, ...actions) {
    this.status.textContent = text;
    this.statusActions.replaceChildren(...actions);
    this.statusBar.hidden = !text;
  }

  #online = () => {
    if (navigator.onLine) this.session.wake();
    this.#showPhase(this.session.phase, "");
  };

  /** A page that comes out of the back-forward cache may show somebody who logged out since. */
  #returned = (/** @type {PageTransitionEvent} */ event) => {
    const { memberKey = "" } = this.session.config;
    const saved = this.store.peek();
    if (!event.persisted || this.session.phase === "idle" || saved?.memberKey === memberKey) return;
    this.composer.text = "";
    this.session.stop();
    if (this.panel.isOpen && !this.inline) this.close();
  };
}
