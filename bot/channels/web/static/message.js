// @ts-check
/** @import { Choice, Entry, Message, ProgressCard, StepState } from "./types.js" */
import { button, clock, el, hiddenText, safeUrl } from "./dom.js";
import { staffName } from "./attendance.js";
import { T } from "./strings.ja.js";

/** @type {Record<StepState, string>} */
const MARK = { done: "✓", current: "", todo: "", problem: "!" };
/** Choices that are no answer to the question: always there, so shown less loudly. */
const ASIDE = ["back", "handoff"];
const STEP_LINE = /^\s*(\d{1,2})\s*[.．)）、]\s*(\S.*)$/;

/**
 * Text as paragraphs and, where at least two lines in a row are numbered in order, as a real
 * list, so that screen readers count the steps and long steps are indented.
 * @param {string} text @returns {HTMLElement[]}
 */
export function textBlocks(text) {
  /** @type {({ start: number, items: string[] } | string[])[]} */
  const blocks = [];
  for (const line of text.split(/\r?\n/)) {
    const step = STEP_LINE.exec(line);
    const last = blocks.at(-1);
    if (step && last && "items" in last && Number(step[1]) === last.start + last.items.length) {
      last.items.push(step[2]);
    } else if (step) {
      blocks.push({ start: Number(step[1]), items: [step[2]] });
    } else if (last && "items" in last && /^[\s　]+\S/.test(line)) {
      last.items.push(`${last.items.pop()}\n${line.trim()}`);
    } else if (Array.isArray(last)) {
      last.push(line);
    } else {
      blocks.push([line]);
    }
  }
  return blocks.map(toElement).filter((node) => node.textContent);
}

/** @param {{ start: number, items: string[] } | string[]} block @returns {HTMLElement} */
function toElement(block) {
  if (Array.isArray(block)) return el("p", { text: block.join("\n").trim() });
  if (block.items.length === 1) return el("p", { text: `${block.start}. ${block.items[0]}` });
  const items = block.items.map((text) => el("li", { text }));
  return el("ol", { start: block.start }, ...items);
}

/**
 * One message of the conversation.
 * @param {Message} message
 * @param {{ base: string, choose: (choice: Choice, event: MouseEvent) => void }} context
 */
export function messageElement(message, { base, choose }) {
  const author = message.author in T.who ? message.author : "system";
  const text = author === "member" ? [el("p", { text: message.text })] : textBlocks(message.text);
  const bubble = el("div", { class: "bubble" }, who(author, staffName(message.facts)), ...text);
  if (message.card?.kind === "progress") bubble.append(progressCard(message.card));
  const node = el("div", { class: `msg ${author}` }, bubble);
  node.append(el("div", { class: "meta" }, time(message.created_at)));
  const links = (message.links ?? []).flatMap((link) => linkButton(link, base));
  if (links.length) node.append(el("div", { class: "links" }, ...links));
  const choices = (message.choices ?? []).map((choice) => {
    const aside = ASIDE.includes(choice.value) ? " aside" : "";
    return button(choice.label, (event) => choose(choice, event), { class: `choice${aside}` });
  });
  if (choices.length) node.append(el("div", { class: "choices", role: "group" }, ...choices));
  return node;
}

/** @param {import("./types.js").Author} author @param {string} [person] */
function who(author, person = "") {
  const name = T.who[author];
  if (author !== "staff") return hiddenText(`${name}：`);
  return el("p", { class: "who", text: person ? T.staff(person) : name });
}

/** @param {string} iso */
const time = (iso) => el("time", { datetime: iso, text: clock(iso) });

/** @param {{ label: string, url: string }} link @param {string} base @returns {HTMLElement[]} */
function linkButton({ label, url }, base) {
  const href = safeUrl(url, base);
  if (!href) return [];
  const link = el("a", { class: "link", href, target: "_blank", rel: "noopener noreferrer" });
  link.append(label, el("span", { class: "out", "aria-hidden": "true" }), hiddenText(T.newTab));
  return [link];
}

/**
 * A message that the server has not acknowledged yet.
 * @param {Entry} entry
 * @param {{ retry: () => void, rewrite: (entry: Entry) => void }} actions
 */
export function pendingElement(entry, { retry, rewrite }) {
  const bubble = el("div", { class: "bubble" }, who("member"), el("p", { text: entry.text }));
  const node = el("div", { class: `msg member ${entry.state}` }, bubble);
  const meta = el("div", { class: "meta" });
  if (entry.state === "sending") meta.append(T.sending);
  if (entry.state === "failed") {
    meta.append(el("span", { text: T.failed }), button(T.retry, retry, { class: "small" }));
  }
  if (entry.state === "refused") {
    meta.append(el("span", { text: entry.problem || T.refused }));
    if (entry.choice === undefined) {
      meta.append(button(T.rewrite, () => rewrite(entry), { class: "small" }));
    }
  }
  node.append(meta);
  return node;
}

/**
 * The steps of the procedure and where the member stands. The state is written out beside each
 * step: colour and marks alone would not reach everybody.
 * @param {ProgressCard} card
 */
function progressCard(card) {
  const steps = card.steps.map(({ label, state }, index) => {
    const known = state in MARK ? state : "todo";
    const mark = el("span", { class: "mark", "aria-hidden": "true" });
    mark.textContent = MARK[known] || String(index + 1);
    return el(
      "li",
      { class: `step ${known}`, "aria-current": known === "current" && "step" },
      mark,
      el("span", { class: "step-label", text: label }),
      el("span", { class: "step-state", text: T.step[known] }),
    );
  });
  const list = el("ol", { class: "steps", role: "list" }, ...steps);
  return el("div", { class: "card", role: "group", "aria-label": T.progress },
    el("p", { class: "card-title", text: T.progress }), list);
}
