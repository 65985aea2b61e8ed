// @ts-check
/* The demo's phone: sends taps, shows what the bot sends. Text only goes in as textContent. */

const KEY = "navi-line-demo-user";
const WAIT_MS = 600;
const talk = /** @type {HTMLElement} */ (document.getElementById("talk"));
const quick = /** @type {HTMLElement} */ (document.getElementById("quick"));
const menu = /** @type {HTMLElement} */ (document.getElementById("menu"));
const menuToggle = /** @type {HTMLElement} */ (document.getElementById("menu-toggle"));
const input = /** @type {HTMLInputElement} */ (document.getElementById("text"));

let user = "";
let seen = 0;
let lastMessage = "";
let menuName = "";
let first = true;

/** @param {string} name @param {string} className @param {string} [text] */
function make(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {HTMLElement} element */
function show(element) {
  talk.querySelector(".dots")?.remove();
  talk.append(element);
  talk.scrollTop = talk.scrollHeight;
}

/** @param {string} text */
const note = (text) => show(make("p", "bubble note", text));

/** The demo's own pages are opened where this page is, whatever address the server knows.
 * @param {string} address */
function link(address) {
  const url = new URL(address, location.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "#";
  return url.pathname.startsWith("/demo/") ? url.pathname + url.search : url.href;
}

/** @param {any} part */
function flexPart(part) {
  if (part.type === "text") return make("div", "flex-heading", part.text);
  if (part.type === "button") {
    const anchor = /** @type {HTMLAnchorElement} */ (
      make("a", `flex-button ${part.style === "primary" ? "primary" : ""}`, part.action.label)
    );
    anchor.href = link(part.action.uri);
    if (!anchor.pathname.startsWith("/demo/line-link")) anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
    return anchor;
  }
  const row = make("div", "flex-row");
  for (const cell of part.contents ?? []) {
    const shown = make("span", "", cell.text);
    shown.style.color = cell.color ?? "";
    shown.style.fontWeight = cell.weight === "bold" ? "700" : "";
    row.append(shown);
  }
  return row;
}

/** @param {any} message */
function bubble(message) {
  if (message.type !== "flex") return make("p", "bubble", message.text);
  const card = make("div", "bubble flex");
  card.setAttribute("aria-label", message.altText);
  card.append(...message.contents.body.contents.map(flexPart));
  return card;
}

/** @param {any} action */
function press(action) {
  show(make("p", "bubble mine", action.displayText));
  void send({ kind: "postback", data: action.data, shown: action.displayText });
}

/** @param {any} message */
function showChoices(message) {
  quick.replaceChildren();
  for (const item of message.quickReply?.items ?? []) {
    const button = make("button", "", item.action.label);
    button.setAttribute("type", "button");
    button.addEventListener("click", () => press(item.action));
    quick.append(button);
  }
}

/** @param {any} shown */
function showMenu(shown) {
  if (!shown || shown.name === menuName) return;
  menuName = shown.name;
  const image = /** @type {HTMLImageElement} */ (make("img", ""));
  image.src = `/demo/line/menus/${encodeURIComponent(shown.name)}.png`;
  image.alt = "";
  menu.replaceChildren(image);
  for (const area of shown.areas) {
    const button = make("button", "");
    const { x, y, width, height } = area.bounds;
    button.setAttribute("type", "button");
    button.setAttribute("aria-label", area.action.label);
    button.style.left = `${(100 * x) / shown.size.width}%`;
    button.style.top = `${(100 * y) / shown.size.height}%`;
    button.style.width = `${(100 * width) / shown.size.width}%`;
    button.style.height = `${(100 * height) / shown.size.height}%`;
    button.addEventListener("click", () => { openMenu(false); press(area.action); });
    menu.append(button);
  }
}

/** @param {boolean} open */
function openMenu(open) {
  menu.hidden = !open;
  menuToggle.setAttribute("aria-expanded", String(open));
}

/** @param {Record<string, string>} tap */
async function send(tap) {
  quick.replaceChildren();
  try {
    const answer = await fetch("/demo/line/taps", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user, ...tap }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    if (tap.kind === "text") lastMessage = (await answer.json()).message;
  } catch {
    note("送れませんでした。サーバーが動いているか、お確かめください。");
  }
}

async function look() {
  const whose = user;
  try {
    const answer = await fetch(`/demo/line/screen?user=${whose}&after=${seen}`);
    const screen = await answer.json();
    if (whose !== user) throw new Error("another person has begun meanwhile");
    for (const { n, message, mine, text } of screen.messages) {
      seen = n;
      if (mine) {
        // What was tapped here is shown already; after a reload it comes from the server.
        if (first) { show(make("p", "bubble mine", text)); lastMessage = mine; }
        continue;
      }
      showChoices(message);
      show(bubble(message));
    }
    first = false;
    const dots = talk.querySelector(".dots");
    if (screen.loading && !dots) show(make("p", "bubble dots", "…"));
    if (!screen.loading) dots?.remove();
    showMenu(screen.menu);
  } catch {
    // The server is being started again, or this was of the person before: the next look will show.
  }
  setTimeout(look, WAIT_MS);
}

function begin() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  user = "U" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(KEY, user);
  seen = 0;
  talk.replaceChildren();
  note("友だちに追加しました");
  first = false;
  void send({ kind: "follow" });
}

document.getElementById("composer")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  openMenu(false);
  show(make("p", "bubble mine", text));
  void send({ kind: "text", text, shown: text });
});
input.addEventListener("keydown", (event) => {
  // Enter that ends the conversion of an input method sends nothing.
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
});
menuToggle.addEventListener("click", () => openMenu(menu.hidden));
for (const button of document.querySelectorAll("[data-tap]")) {
  button.addEventListener("click", () => {
    const kind = button.getAttribute("data-tap") ?? "";
    const shown = kind === "sticker" ? "（スタンプ）" : "（写真）";
    show(make("p", "bubble mine", shown));
    void send({ kind, shown });
  });
}
document.getElementById("unsend")?.addEventListener("click", () => {
  const mine = talk.querySelectorAll(".bubble.mine");
  if (!lastMessage || !mine.length) return note("取り消せる送信はありません");
  mine[mine.length - 1].remove();
  void send({ kind: "unsend", message: lastMessage });
  lastMessage = "";
  note("送信を取り消しました");
});
document.getElementById("pc")?.addEventListener("click", (event) => {
  const on = document.body.classList.toggle("pc");
  /** @type {HTMLElement} */ (event.currentTarget).setAttribute("aria-pressed", String(on));
});
document.getElementById("anew")?.addEventListener("click", begin);

user = localStorage.getItem(KEY) ?? "";
if (/^U[0-9a-f]{32}$/.test(user)) void look();
else { begin(); void look(); }
