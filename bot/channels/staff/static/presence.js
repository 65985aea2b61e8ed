// @ts-check
/** The switch 受付中 / 離席中 as one button, and the heartbeat that keeps it true. */
const BEAT_MS = 15_000;
const form = /** @type {HTMLFormElement} */ (document.getElementById("presence"));
const [on, off] = form.querySelectorAll("button");
const office = /** @type {HTMLElement} */ (document.getElementById("presence-office"));
/** @type {HTMLMetaElement | null} */
const meta = document.querySelector("meta[name=csrf-token]");
let accepting = true;

/** @param {string} path @param {Record<string, string>} values @param {boolean} byItself */
async function tell(path, values, byItself) {
  const headers = {
    Accept: "application/json",
    "X-CSRF-Token": meta?.content ?? "",
    ...(byItself && { "X-Navi-Background": "1" }), // keeps no session alive
  };
  const body = new URLSearchParams(values);
  const signal = AbortSignal.timeout(10_000);
  const answer = await fetch(path, { method: "POST", headers, body, signal });
  if (answer.ok) show(await answer.json());
}

/** @param {{ accepting: boolean, label: string, act: string, office: string, waiting: number }} now */
function show(now) {
  accepting = now.accepting;
  on.textContent = now.label;
  on.classList.toggle("is-on", accepting);
  on.setAttribute("role", "switch");
  on.setAttribute("aria-checked", String(accepting));
  on.setAttribute("aria-label", `${form.getAttribute("aria-label")}：${now.label}`);
  on.title = now.act;
  off.hidden = true;
  office.textContent = now.office;
  office.hidden = !now.office;
  for (const count of document.querySelectorAll("[data-count=inbox]")) {
    count.textContent = String(now.waiting);
    count.toggleAttribute("hidden", !now.waiting);
  }
}

const beat = () => tell("/staff/presence/beat", {}, true).catch(() => {}); // the next one tells

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tell(form.action, { accepting: String(!accepting) }, false).catch(() => form.submit());
});
setInterval(beat, BEAT_MS);
document.addEventListener("visibilitychange", () => document.hidden || void beat());
void beat();
