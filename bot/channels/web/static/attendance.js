// @ts-check
/** @import { Attendance, Message } from "./types.js" */

/** @type {Attendance} */
export const BOT = { who: "bot", name: "", waiting: false };

const PROMISED = "handoff_message"; // asked where a person will answer: what is it about?

/**
 * Who answers the member now, as the journal tells it: system messages say when a person comes and
 * goes, and whoever spoke last speaks now.
 * @param {Iterable<Message>} messages @returns {Attendance}
 */
export function attendance(messages) {
  const inOrder = [...messages].sort((a, b) => a.seq - b.seq);
  return inOrder.reduce(after, BOT);
}

/** @param {Attendance} before @param {Message} message @returns {Attendance} */
export function after(before, { author, facts, question }) {
  const name = staffName(facts);
  if (author === "staff") return { who: "staff", name: name || before.name, waiting: false };
  if (author === "system" && facts?.owner === "staff") return { who: "staff", name, waiting: false };
  if (author === "system" && facts?.owner === "bot") return BOT;
  if (author === "bot") return { ...BOT, waiting: before.waiting || question === PROMISED };
  return before;
}

/** @param {Record<string, unknown>} [facts] @returns {string} */
export const staffName = (facts) => (typeof facts?.staff_name === "string" ? facts.staff_name : "");
