// @ts-check
/** The inbox's page, made live. Everything here also works, page by page, without this script. */
import { getPage, words } from "./inbox-api.js";
import { Live } from "./inbox-live.js";
import { Queue, isUnread, tick } from "./inbox-queue.js";
import { SavedAnswers } from "./inbox-saved.js";
import { Seen } from "./inbox-seen.js";
import { Talk } from "./inbox-talk.js";

const NOTICE_MS = 9_000;
const find = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

const frame = find("inbox");
const pane = /** @type {HTMLElement} */ (frame.querySelector(".inbox-talk"));
const seen = new Seen(words.me, () => queue.mark());
/** @type {Talk | null} */
let talk = null;
let lost = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let noticeTimer;

const queue = new Queue(find("queue"), seen, () => frame.dataset.open, renewed);
const saved = new SavedAnswers(find("saved-dialog"), (text) => talk?.reply.insert(text));

/** @param {string} text @param {boolean} [stay] */
function notice(text, stay = false) {
  clearTimeout(noticeTimer);
  find("notice").textContent = text;
  if (text && !stay) noticeTimer = setTimeout(() => notice(""), NOTICE_MS);
}

/** @param {string} text  for screen readers: new words only */
function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  find("live").append(line);
  setTimeout(() => line.remove(), 15_000);
}

function title() {
  const { count } = queue;
  const waiting = queue.rows.filter((row) => row.dataset.part === "waiting").length;
  for (const badge of document.querySelectorAll("[data-count=inbox]")) {
    badge.textContent = String(waiting);
    badge.toggleAttribute("hidden", !waiting);
  }
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
}

/**
 * The list was renewed: says what is new in it, also after a sleep.
 * @param {Map<string, HTMLElement>} before @param {Map<string, HTMLElement>} after
 */
function renewed(before, after) {
  const who = (/** @type {HTMLElement} */ row) => row.querySelector(".queue-who")?.textContent ?? "";
  for (const [id, row] of after) {
    const old = before.get(id);
    if (row.dataset.part === "waiting" && old?.dataset.part !== "waiting") {
      notice(words.notice.new_waiting.replace("{who}", who(row)));
    } else if (isUnread(row, seen) && Number(row.dataset.seq) > Number(old?.dataset.seq ?? 0)) {
      const looking = id === frame.dataset.open && !document.hidden;
      if (!looking) notice(words.notice.new_message.replace("{who}", who(row)));
    }
  }
  title();
}

/** Shows the open conversation's part of the page. */
function adopt() {
  const node = find("talk");
  talk?.leave();
  talk = node ? new Talk(node, seen, () => (queue.mark(), title()), announce) : null;
  if (node) tick(node);
  queue.mark();
  title();
}

/** @param {string} id  empty: the list alone @param {boolean} [push] */
async function open(id, push = true) {
  const path = id ? `/staff/inbox/${id}` : "/staff/inbox";
  try {
    const page = await getPage(path);
    const fresh = page.querySelector(".inbox-talk");
    if (!fresh) return void location.assign(path);
    pane.replaceChildren(...fresh.childNodes);
    frame.dataset.open = id;
    frame.classList.toggle("has-open", Boolean(id));
    if (push) history.pushState({}, "", path);
    queue.show(page.getElementById("queue")?.innerHTML ?? "");
    adopt();
    find("talk-title")?.focus();
  } catch (error) {
    notice(/** @type {Error} */ (error).message, true);
  }
}

function catchUp() {
  const failed = (/** @type {Error} */ error) => notice(error.message, true);
  queue.refresh().catch(failed);
  talk?.refresh().catch(failed);
}

let soon = 0;
/** @param {import("./inbox-live.js").Happening} happening */
function happened({ name, data }) {
  if (name === "signed-out") notice(words.notice.signed_out, true);
  if (name === "typing" && data.conversation_id === talk?.id) talk?.showTyping(true);
  if (name !== "change") return;
  if (data.conversation_id === talk?.id) {
    if (data.kind === "unsaid") talk?.unsaid(data.seq).catch(() => {});
    else talk?.refresh().catch(() => {});
  }
  clearTimeout(soon);
  soon = window.setTimeout(() => queue.refresh().catch(() => {}), 120);
}

/** @param {boolean} connected */
function connection(connected) {
  if (!connected) {
    // A stream does not say why it ended: a request does.
    notice(words.notice.lost, true);
    queue.refresh().catch((error) => error.status === 401 && notice(error.message, true));
  } else if (lost) {
    notice(words.notice.back);
    catchUp();
  }
  lost = !connected;
}

/** @param {KeyboardEvent} event */
function shortcut(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const writing = target.closest("input, textarea, select, [contenteditable]");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const inLog = target.closest("#talk-log"); // there, arrows scroll
  /** @type {Record<string, () => unknown>} */
  const keys = {
    j: () => queue.move(1),
    k: () => queue.move(-1),
    r: () => talk?.reply.focus(),
    "/": () => talk?.reply.isOpen && saved.open(),
    "?": () => find("keys-dialog").showModal(),
    ...(!inLog && { ArrowDown: () => queue.move(1), ArrowUp: () => queue.move(-1) }),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
}

frame.addEventListener("click", (/** @type {MouseEvent} */ event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest("a.queue-row, a.talk-back");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  void open(/** @type {HTMLElement} */ (link).dataset.id ?? "");
});
addEventListener("popstate", () => {
  void open(decodeURIComponent(location.pathname.split("/")[3] ?? ""), false);
});
document.addEventListener("keydown", shortcut);
document.addEventListener("open-saved", () => void saved.open());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  talk?.read();
  catchUp();
});
addEventListener("online", catchUp);
find("show-keys").hidden = false;
find("show-keys").addEventListener("click", () => find("keys-dialog").showModal());
adopt();
new Live(words.me, words.eventId, happened, connection).start();
