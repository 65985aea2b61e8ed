// @ts-check
// The guided script without page loads: forms marked data-live are sent here, the call's part is
// swapped, and the whole call can be led by single keys. Without this file the forms still work.

const $ = (/** @type {string} */ selector, root = document) =>
  /** @type {HTMLElement | null} */ (root.querySelector(selector));

const call = /** @type {HTMLElement} */ ($("#call"));
const announce = /** @type {HTMLElement} */ ($("#announce"));
const trouble = /** @type {HTMLElement} */ ($("#trouble"));
const jump = /** @type {HTMLDialogElement | null} */ ($("#jump"));
const keys = /** @type {HTMLDialogElement | null} */ ($("#keys"));
const KEYS_OFF = "navi-staff-keys-off";
const PATIENCE_MS = 25_000; // longer than the server takes to give up
let busy = false;

/** Sends a form and takes over what comes back; on failure everything stays as it is.
 * @param {HTMLFormElement} form @param {HTMLButtonElement | null} pressed */
async function send(form, pressed) {
  if (busy) return;
  busy = true;
  call.setAttribute("aria-busy", "true");
  trouble.hidden = true;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, pressed)) body.append(name, String(value));
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { "X-Fragment": "1" }, redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // Another clerk went on first: the call as it stands now, with what was written here.
    const overtaken = answer.status === 409 && (answer.headers.get("content-type") || "").includes("html");
    if (!answer.ok && !overtaken) throw new Error((await sentence(answer)) || trouble.dataset.network);
    const html = await answer.text();
    if (jump?.open) jump.close();
    take(html, form);
  } catch (error) {
    // The same form, with its id, can be sent again: a step that was taken is not taken twice.
    const known = error instanceof Error && !(error instanceof TypeError || error instanceof DOMException);
    trouble.textContent = known ? /** @type {Error} */ (error).message : trouble.dataset.network || "";
    trouble.hidden = false;
  } finally {
    busy = false;
    call.removeAttribute("aria-busy");
  }
}

/** @param {Response} answer */
async function sentence(answer) {
  if (!(answer.headers.get("content-type") || "").includes("json")) return "";
  const problem = await answer.json();
  return typeof problem.detail === "string" ? problem.detail : "";
}

/** @param {string} html @param {HTMLFormElement} form */
function take(html, form) {
  const kept = drafts();
  call.innerHTML = html;
  restore(kept, form);
  ready();
  const said = $("#say", call);
  announce.textContent = [...call.querySelectorAll("#failed p, #overtaken p, .breath")].map((p) => p.textContent).join(" ");
  const words = /** @type {HTMLInputElement | null} */ ($("#words", call));
  const notice = $("#failed, #overtaken", call);
  if (notice && words?.value) {
    // On a phone the field is a screen below what was told and what is asked now.
    words.focus({ preventScroll: true });
    notice.scrollIntoView({ block: "center" });
  } else said?.focus({ preventScroll: false });
  const ids = jump?.querySelector('input[name="client_message_id"]');
  if (ids instanceof HTMLInputElement) ids.value = crypto.randomUUID();
  const seen = jump?.querySelector('input[name="seen"]');
  if (seen instanceof HTMLInputElement) seen.value = said?.dataset.seen ?? "";
}

// What is half typed elsewhere survives a step: by the form's action, its step and its field.
/** @param {HTMLFormElement} form */
const nameOf = (form) => `${form.action}#${form.querySelector('input[name="seq"]')?.getAttribute("value") ?? "words"}`;

/** @returns {Map<string, {text: string, from: HTMLFormElement}>} */
function drafts() {
  const found = new Map();
  for (const form of call.querySelectorAll("form.typed, .note form")) {
    const field = form.querySelector('input[name="text"]');
    if (form instanceof HTMLFormElement && field instanceof HTMLInputElement && field.value)
      found.set(nameOf(form), { text: field.value, from: form });
  }
  return found;
}

/** @param {Map<string, {text: string, from: HTMLFormElement}>} kept @param {HTMLFormElement} sent */
function restore(kept, sent) {
  for (const form of call.querySelectorAll("form.typed, .note form")) {
    const field = form.querySelector('input[name="text"]');
    const draft = form instanceof HTMLFormElement ? kept.get(nameOf(form)) : undefined;
    if (!draft || draft.from === sent || !(field instanceof HTMLInputElement) || field.value) continue;
    field.value = draft.text;
    const details = form.closest("details");
    if (details) details.open = true;
  }
}

function ready() {
  const open = $("#jump-open");
  if (open) {
    open.hidden = !jump;
    open.addEventListener("click", openJump);
  }
}

function openJump() {
  const field = /** @type {HTMLInputElement} */ ($("#jump-words"));
  field.value = "";
  filter("");
  jump?.showModal();
  field.focus();
}

const kana = (/** @type {string} */ text) =>
  text.normalize("NFKC").toLowerCase().replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 96));

/** @param {string} words */
function filter(words) {
  const wanted = kana(words).split(/\s+/).filter(Boolean);
  const rows = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#jump-list li"))];
  let first = true;
  for (const row of rows) {
    const text = kana(row.dataset.words || "");
    row.hidden = !wanted.every((word) => text.includes(word));
    row.classList.toggle("first", !row.hidden && first);
    if (!row.hidden) first = false;
  }
  const none = $("#jump-none");
  if (none) none.hidden = !first;
}

const shown = () => [.../** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#jump-list li:not([hidden]) button"))];

jump?.addEventListener("input", (event) => filter(/** @type {HTMLInputElement} */ (event.target).value));
jump?.addEventListener("keydown", (event) => {
  const at = shown().findIndex((button) => button === document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? $("#jump-words") : shown()[Math.min(next, shown().length - 1)])?.focus();
  } else if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault(); // a field of searching would only be emptied
    jump.close();
  } else if (event.key === "Enter" && at < 0) {
    event.preventDefault();
    // The Enter that ends an IME conversion is no choice.
    if (!event.isComposing && event.keyCode !== 229) shown()[0]?.click();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("live" in form.dataset)) return;
  event.preventDefault();
  send(form, event.submitter instanceof HTMLButtonElement ? event.submitter : null);
});

/** @param {EventTarget | null} target */
const typing = (target) =>
  target instanceof HTMLElement && !!target.closest("input:not([type=radio],[type=checkbox]), textarea, select, dialog[open]");

const keysOn = () => {
  try { return localStorage.getItem(KEYS_OFF) !== "1"; } catch { return true; }
};

/** @type {Record<string, () => void>} */
const ways = {
  i: () => $("#words")?.focus(),
  b: () => $('[data-way="b"]')?.click(),
  r: () => ($("#retry") ?? $('[data-way="r"]'))?.click(),
  s: () => $('[data-way="s"]')?.click(),
  g: openJump,
  "/": openJump,
  n: () => openNote(),
  p: () => pathFocus(0, -1),
  v: () => {
    $("#find")?.click();
    $(".verify .checks input:not([type=hidden]), .verify .checks button")?.focus();
  },
  e: () => $("#end")?.click(),
  "?": () => keys?.showModal(),
};

function openNote() {
  const notes = [.../** @type {NodeListOf<HTMLDetailsElement>} */ (call.querySelectorAll("details.note"))];
  const note = notes.length > 1 ? notes[notes.length - 2] : notes[0]; // the last step's, else the call's
  if (!note) return;
  note.open = true;
  /** @type {HTMLElement | null} */ (note.querySelector('input[name="text"]'))?.focus();
}

/** Moves in the path: by a question up or down, by an answer left or right.
 * @param {number} across @param {number} down */
function pathFocus(across, down) {
  const rows = [...call.querySelectorAll("#path > li")];
  const here = document.activeElement?.closest("#path > li");
  const at = here ? rows.indexOf(here) : rows.length;
  const row = down === 0 ? here : rows[Math.max(0, Math.min(rows.length - 1, at + down))];
  const buttons = [.../** @type {NodeListOf<HTMLElement>} */ (row?.querySelectorAll("button, input.short") ?? [])];
  const now = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const chosen = row?.querySelector('[aria-pressed="true"]') ?? row?.querySelector("button") ?? buttons[0];
  const next = across && now >= 0 ? buttons[Math.max(0, Math.min(buttons.length - 1, now + across))] : chosen;
  /** @type {HTMLElement | undefined} */ (next ?? undefined)?.focus();
}

/** @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target) && !jump?.open && !keys?.open) {
    $("#say")?.focus();
    return;
  }
  const inPath = event.key in arrows && !!document.activeElement?.closest("#path");
  const across = event.key === "ArrowLeft" || event.key === "ArrowRight";
  if (typing(event.target) && (!inPath || across)) return;
  if (inPath) {
    event.preventDefault();
    pathFocus(...arrows[event.key]);
    return;
  }
  if (!keysOn() || event.repeat) return;
  // A Japanese input method gives no letter here: the key's place does.
  const place = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  const key = /^[\x21-\x7e]$/.test(event.key) ? event.key.toLowerCase() : place ?? "";
  const answer = /^[1-9]$/.test(key) ? $(`[data-key="${key}"]`, call) : null;
  const act = answer ? () => answer.click() : ways[key];
  if (!act) return;
  event.preventDefault();
  act();
});

const open = $("#keys-open");
if (open && keys) {
  open.hidden = false;
  open.addEventListener("click", () => keys.showModal());
}
const box = /** @type {HTMLInputElement | null} */ ($("#keys-on"));
if (box) {
  box.checked = keysOn();
  box.addEventListener("change", () => {
    try { localStorage.setItem(KEYS_OFF, box.checked ? "0" : "1"); } catch { /* for this page only */ }
  });
}
ready();
