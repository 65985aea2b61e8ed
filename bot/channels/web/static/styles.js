// @ts-check
/**
 * The widget's own style sheet. Sizes are em of one base size: at least 17 px, larger where the
 * reader's browser says so. A constructed sheet, because host pages may forbid inline styles.
 */
const CSS = `
:host { all: initial !important; direction: ltr !important; display: block !important;
  position: fixed !important; right: 0 !important; bottom: 0 !important;
  z-index: 2147483000 !important; }
:host([inline]) { position: relative !important; right: auto !important; bottom: auto !important;
  z-index: auto !important; height: var(--navi-height, 640px) !important; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }

.root { --bg: #eef2f4; --surface: #fff; --text: #1a2327; --soft: #47555c; --line: #b9c5cb;
  --accent: #0b4a66; --on-accent: #fff; --tint: #e3eff5; --done: #17603b; --warn: #9a2c00;
  --warn-bg: #fdeee7; --edge: #76868e;
  color-scheme: light dark; font-size: max(17px, 1rem); line-height: 1.7; color: var(--text);
  font-family: "Hiragino Kaku Gothic ProN", "Hiragino Sans", "BIZ UDPGothic", Meiryo,
    "Yu Gothic", "Noto Sans CJK JP", "Noto Sans JP", sans-serif;
  -webkit-text-size-adjust: 100%; }
.root.large { font-size: max(21px, 1.25rem); }
@media (prefers-color-scheme: dark) {
  .root { --bg: #12191d; --surface: #1e282d; --text: #f0f4f6; --soft: #b7c4ca; --line: #45545c;
    --accent: #9bd3ee; --on-accent: #08222f; --tint: #1d3a49; --done: #93dcb2; --warn: #ffb59a;
    --warn-bg: #3d2219; --edge: #8798a1; }
}

p, ol, ul, h2 { margin: 0; padding: 0; font: inherit; }
ul { list-style: none; }
button, textarea { font: inherit; color: inherit; margin: 0; letter-spacing: inherit; }
button { cursor: pointer; min-height: 44px; border-radius: 8px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.composer textarea:focus-visible { outline-offset: -1px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.launcher { position: fixed; right: 20px; bottom: 20px; min-height: 56px; padding: 0 1.4em;
  border: 2px solid var(--surface); border-radius: 28px; background: var(--accent);
  color: var(--on-accent); font-weight: 700; box-shadow: 0 3px 14px rgb(0 0 0 / .3); }
.launcher:hover { filter: brightness(1.12); }
.badge { position: absolute; top: -8px; right: -4px; min-width: 1.8em; border-radius: 1em;
  padding: 0 .4em; background: #b3261e; color: #fff; font-size: .85em; line-height: 1.8; }

.panel { position: fixed; right: 20px; bottom: 20px; width: min(400px, calc(100vw - 40px));
  height: min(640px, calc(100vh - 40px)); display: flex; flex-direction: column;
  overflow: hidden; background: var(--bg); border: 1px solid var(--edge); border-radius: 14px;
  box-shadow: 0 8px 36px rgb(0 0 0 / .28); }
.root.large .panel { width: min(480px, calc(100vw - 40px)); height: min(760px, calc(100vh - 40px)); }
:host([inline]) .root { height: 100%; }
:host([inline]) .panel, :host([inline]) .root.large .panel { position: relative; right: 0;
  bottom: 0; width: 100%; height: 100%; box-shadow: none; }

.header { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; flex: none;
  padding: 6px 8px 6px 14px; background: var(--surface); border-bottom: 1px solid var(--line); }
.heading { flex: 1 1 5.1em; line-height: 1.35; }
.heading h2 { font-weight: 700; }
.heading p { font-size: .8em; color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; gap: 2px; margin-left: auto; }
.tool { padding: 0 .55em; border: 0; background: none; font-size: .82em; color: var(--accent);
  text-decoration: underline; text-underline-offset: 4px; }
.tool:hover, .small:hover, .menu-item:hover { background: var(--tint); }
.member-line { flex: none; padding: 2px 14px; background: var(--tint); font-size: .85em; }

.attendance { flex: none; padding: 3px 14px; background: var(--tint); font-size: .85em; line-height: 1.5; }
.attendance.by-staff { border-left: 6px solid var(--done); padding-left: 8px; font-weight: 700; }

.log-area { position: relative; flex: 1 1 auto; min-height: 0; display: flex; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 14px 12px 10px;
  outline-offset: -3px; }
.list { display: flex; flex-direction: column; }
.jump { position: absolute; left: 50%; bottom: 8px; transform: translateX(-50%);
  padding: 0 1.2em; border: 1px solid var(--accent); border-radius: 22px;
  background: var(--surface); color: var(--accent); font-size: .88em; white-space: nowrap; }

.msg { display: flex; flex-direction: column; align-items: flex-start; margin-bottom: 12px; }
.msg:has(+ .msg.bot), .msg:has(+ .msg.system) { margin-bottom: 8px; }
.bubble { max-width: 92%; padding: .5em .85em; border: 1px solid var(--line);
  border-radius: 4px 14px 14px; background: var(--surface); overflow-wrap: anywhere;
  line-break: strict; }
.bubble p, .bubble li { white-space: pre-line; }
.bubble p + p, .bubble p + ol, .bubble ol + p { margin-top: .5em; }
.bubble ol:not(.steps) { padding-left: 1.6em; }
.bubble ol:not(.steps) li { padding-left: .1em; }
.bubble ol:not(.steps) li + li { margin-top: .35em; }
.member.msg { align-items: flex-end; }
.member .bubble { max-width: 86%; border-color: transparent; border-radius: 14px 4px 14px 14px;
  background: var(--accent); color: var(--on-accent); }
.member .bubble p { white-space: pre-wrap; }
.staff .bubble { border: 2px solid var(--done); }
.staff .who { font-size: .82em; font-weight: 700; color: var(--done); }
.system.msg { align-items: center; }
.system .bubble { max-width: 100%; border-style: dashed; border-radius: 10px;
  background: transparent; font-size: .92em; line-height: 1.6; }
.meta { padding: 1px 4px 0; font-size: .8em; line-height: 1.5; color: var(--soft); }
.bot:has(+ .bot) .meta, .system .meta { display: none; }
.failed .bubble, .refused .bubble { background: var(--warn-bg); color: var(--text);
  border: 2px solid var(--warn); }
.failed .meta, .refused .meta { display: flex; flex-wrap: wrap; align-items: center;
  justify-content: flex-end; gap: 4px 8px; font-size: .88em; color: var(--warn); }
.status .small { margin-left: .5em; }

.small { min-width: 44px; padding: 0 .7em; border: 1px solid var(--edge); background: var(--surface);
  color: var(--accent); font-size: .95em; }
.choices { display: flex; flex-wrap: wrap; gap: 6px; width: 100%; padding-top: 6px; }
.choice { border: 1px solid var(--line); padding: .2em .8em; background: transparent;
  color: var(--soft); font-size: .82em; text-align: left; overflow-wrap: anywhere; }
.newest .choices { gap: 8px; padding-top: 8px; }
.newest .choice, .choice-like { flex: 1 1 100%; min-height: 52px; padding: .4em 1em;
  border: 2px solid var(--accent); border-radius: 10px; background: var(--surface);
  color: var(--accent); font-size: 1em; font-weight: 700; text-align: center; }
.newest .aside { flex: 1 1 8em; min-height: 44px; border-width: 1px; font-size: .92em; font-weight: 400; }
.newest .choice:hover, .choice-like:hover { background: var(--tint); }
.strong, .strong:hover { background: var(--accent); color: var(--on-accent); }
.links { display: flex; flex-direction: column; gap: 8px; width: 100%; padding-top: 8px; }
.link { display: flex; align-items: center; justify-content: center; gap: .4em; min-height: 48px;
  padding: .3em 1em; border-radius: 10px; background: var(--accent); color: var(--on-accent);
  font-weight: 700; text-align: center; text-decoration: none; }
.link:hover { text-decoration: underline; }
.out { flex: none; width: .62em; height: .62em; border: 2px solid; border-left: 0; border-bottom: 0;
  margin-left: .2em; }

.card { margin-top: .6em; padding: .5em .1em .2em; border-top: 1px solid var(--line); }
.card-title { font-weight: 700; font-size: .9em; }
.steps { list-style: none; padding-top: .3em; }
.step { position: relative; display: flex; align-items: flex-start; gap: .6em; padding: .3em 0; }
.step:not(:last-child)::before { content: ""; position: absolute; left: .86em; top: 2em; bottom: -.3em;
  width: 2px; background: var(--line); }
.step.done:not(:last-child)::before { background: var(--done); }
.mark { flex: none; width: 1.8em; height: 1.8em; border: 2px solid var(--edge); border-radius: 50%;
  font-weight: 700; line-height: 1.6; text-align: center; background: var(--surface);
  color: var(--soft); z-index: 1; }
.done .mark { border-color: var(--done); background: var(--done); color: var(--surface); }
.current .mark { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.problem .mark { border-color: var(--warn); background: var(--warn); color: var(--surface); }
.step-label { flex: 1; min-width: 0; }
.current .step-label, .problem .step-label { font-weight: 700; }
.todo .step-label { color: var(--soft); }
.step-state { flex: none; margin-top: .1em; padding: 0 .5em; border: 1px solid var(--edge);
  border-radius: 6px; font-size: .82em; color: var(--soft); }
.done .step-state { border-color: var(--done); color: var(--done); }
.current .step-state { border-color: var(--accent); background: var(--accent);
  color: var(--on-accent); }
.problem .step-state { border-color: var(--warn); background: var(--warn-bg); color: var(--warn); }

.feedback { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; width: 100%;
  padding: 8px 4px 0; font-size: .85em; color: var(--soft); }
.feedback textarea { flex: 1 1 100%; }
.typing { display: flex; align-items: center; gap: .6em; padding: .2em .4em; font-size: .88em;
  color: var(--soft); }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 8px; height: 8px; border-radius: 50%; background: var(--soft);
  animation: beat 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; }
.dots i:nth-child(3) { animation-delay: .4s; }
@keyframes beat { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }

.status { flex: none; padding: .4em 14px; background: var(--warn-bg); color: var(--text);
  border-top: 1px solid var(--line); font-size: .88em; }
.menu { flex: 0 1 auto; max-height: 62%; overflow-y: auto; padding: 10px 12px;
  background: var(--surface); border-top: 2px solid var(--accent); }
.menu p { font-size: .88em; font-weight: 700; padding: 0 4px 4px; }
.menu-item { width: 100%; padding: .25em .6em; border: 0; border-bottom: 1px solid var(--line);
  border-radius: 0; background: none; color: var(--accent); text-align: left; outline-offset: -3px; }
.composer-area { flex: none; padding: 8px 10px; background: var(--surface);
  border-top: 1px solid var(--line); padding-bottom: max(8px, env(safe-area-inset-bottom)); }
.composer { display: flex; align-items: flex-end; gap: 6px; margin: 0; }
textarea { display: block; flex: 1; min-width: 0; min-height: 48px; padding: .5em .6em;
  border: 2px solid var(--edge); border-radius: 10px; background: var(--surface);
  color: var(--text); line-height: 1.5; resize: none; overflow-y: auto; }
.composer textarea { height: max(48px, 2.7em); max-height: calc(6em + 1em + 4px); }
textarea::placeholder { color: var(--soft); opacity: 1; white-space: nowrap; }
.large .menu-button, .large .send { padding: 0 .35em; font-size: .86em; }
.send { flex: none; min-height: 48px; padding: 0 .9em; border: 2px solid var(--accent);
  background: var(--accent); color: var(--on-accent); font-weight: 700; }
.menu-button { flex: none; min-height: 48px; padding: 0 .5em; border: 2px solid var(--accent);
  background: var(--surface); color: var(--accent); font-weight: 700; font-size: .86em; }
.keys { padding: 2px 2px 0; font-size: .78em; line-height: 1.4; color: var(--soft); }
.hint { font-size: .85em; color: var(--soft); }
.hint.over { color: var(--warn); font-weight: 700; }
.hint:not(:empty) { padding: 0 2px 6px; }

.confirm { position: absolute; inset: 0; z-index: 2; display: grid; align-items: center;
  overflow-y: auto; padding: 16px; background: rgb(0 0 0 / .55); }
.confirm-box { display: grid; gap: 12px; padding: 18px; border-radius: 12px; background: var(--surface); }
.confirm-title { font-weight: 700; font-size: 1.1em; }

@media (hover: none) { .keys { display: none; } }
@media (max-width: 480px), (max-height: 420px) {
  :host(:not([inline])) .panel, :host(:not([inline])) .root.large .panel { right: 0; left: 0;
    bottom: auto; top: var(--seen-top, 0); width: 100%;
    height: var(--seen-height, 100vh); border: 0; border-radius: 0; }
  .launcher { right: 12px; bottom: 12px; }
}
@media (max-height: 420px) { .heading p, .keys { display: none; } .header { padding-block: 0; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) {
  .bubble, .launcher, .link, .send, .strong, .mark, .badge { border: 2px solid; }
  .choice-like.strong, .send { forced-color-adjust: auto; }
  .dots i { background: CanvasText; }
}
@media print { .launcher { display: none; } }
`;

/** @param {ShadowRoot} root */
export function applyStyles(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style"); // Safari before 16.4
    style.textContent = CSS;
    root.append(style);
  }
}
