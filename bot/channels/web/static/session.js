// @ts-check
/** @import { Choice, Config, Entry, Listener, Member, Message, Phase, Saved } from "./types.js" */
import { Api, ApiError, Pause, backoff, identityToken } from "./api.js";
import { BOT, attendance } from "./attendance.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";

const TYPING_EVERY_MS = 4_000;

/** One conversation at a time: begun or resumed, kept in step with the server, forgotten. */
export class Session {
  /** @type {Phase} */
  phase = "idle";
  /** @type {Map<string, Message>} */
  messages = new Map();
  /** @type {Saved | null} */
  #saved = null;
  #life = new AbortController();
  #pause = new Pause();
  /** @type {Stream | null} */
  #stream = null;
  #guest = false;
  #lastGone = 0;
  #lastTyping = 0;
  attendance = BOT;

  /** @param {Config} config @param {Store} store @param {Listener} listener */
  constructor(config, store, listener) {
    this.config = config;
    this.store = store;
    this.listener = listener;
    this.api = new Api(config.base);
    this.outbox = this.#newOutbox();
  }

  /** @returns {Member | null} */
  get member() {
    return this.#saved?.member ?? null;
  }

  /** Begins or resumes; harmless when already under way. */
  start() {
    if (this.phase !== "idle") return;
    this.#guest = false;
    void this.#connect(this.#life.signal);
  }

  /** After `identity`, `refused` or while `waiting`. @param {boolean} [asGuest] */
  reconnect(asGuest = false) {
    this.#guest = asGuest;
    if (this.phase === "waiting") this.#pause.wake();
    else if (this.phase !== "ready") void this.#connect(this.#life.signal);
  }

  /** The network came back or the page is visible again. */
  wake() {
    this.#pause.wake();
    this.#stream?.wake();
    this.outbox.retry();
  }

  /** Ends the conversation on this side; `start` begins a new one. */
  reset() {
    this.store.forget();
    this.#clear();
    this.listener.onReset();
  }

  /** Stops all traffic and clears the screen, but keeps what is saved. */
  stop() {
    this.#clear();
    this.listener.onReset();
  }

  /** @param {string} text @param {Choice} [choice] */
  send(text, choice) {
    this.outbox.add(text, choice?.id, this.phase === "ready" ? this.#life.signal : undefined);
  }

  /** The member writes: only a person is told. */
  typing() {
    const { who, waiting } = this.attendance;
    const now = Date.now();
    if (!this.#saved || (who === "bot" && !waiting) || now - this.#lastTyping < TYPING_EVERY_MS) return;
    this.#lastTyping = now;
    this.api.typing(this.#who()).catch(() => {}); // a courtesy, nothing more
  }

  /** @param {boolean} helpful @param {string} messageId @param {string} comment */
  async rate(helpful, messageId, comment) {
    if (!this.#saved) return;
    this.#saved.rated.push(messageId);
    this.#save();
    await this.api.feedback(this.#who(), helpful, comment);
  }

  /** @param {string} messageId */
  isRated(messageId) {
    return this.#saved?.rated.includes(messageId) ?? false;
  }

  /** @param {AbortSignal} signal */
  async #connect(signal) {
    this.#phase("connecting");
    let freshTokens = 0;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#resumeOrCreate(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error : new ApiError("transient", 0);
        if (problem.kind === "gone") return this.#gone();
        if (problem.kind === "refused") return this.#phase("refused", problem.detail);
        // A token lives minutes and works once, so one fresh one is worth a try.
        if (problem.kind === "identity" && (!this.config.identityUrl || ++freshTokens > 1)) {
          return this.#phase("identity", problem.detail);
        }
        this.#phase("waiting", problem.detail);
        await this.#pause.sleep(backoff(attempt, problem.retryAfterMs), signal);
      }
    }
  }

  /** @param {AbortSignal} signal */
  async #resumeOrCreate(signal) {
    const { memberKey = "", demoNow } = this.config;
    const saved = this.store.load(memberKey, demoNow);
    if (saved) {
      this.#saved = saved;
      const history = await this.api.messages(this.#who(), 0, signal);
      if (signal.aborted) return;
      // What was written before the connection stood goes after what waited already.
      this.outbox.entries = [...saved.outbox.map(awake), ...this.outbox.entries];
      this.#ingest(history, false);
    } else {
      const token = this.#guest ? null : await identityToken(this.config, signal);
      const made = await this.api.create(token, demoNow, signal);
      if (signal.aborted) return;
      this.#saved = {
        memberKey,
        demoNow,
        conversationId: made.conversation_id,
        accessToken: made.access_token,
        member: made.member,
        outbox: this.outbox.entries,
        rated: [],
      };
      this.#ingest(made.messages, true);
    }
    this.#save();
    this.#phase("ready");
    this.#follow(signal);
  }

  /** @param {AbortSignal} signal */
  #follow(signal) {
    this.#stream = new Stream(this.api, this.#who(), {
      cursor: () => this.#cursor(),
      // What an ended life still had on its way belongs to a conversation that is gone.
      deliver: (messages) => signal.aborted || this.#ingest(messages, true),
      typing: (data) => signal.aborted || this.listener.onTyping(String(data?.name ?? "")),
      gone: () => signal.aborted || this.#gone(),
    });
    void this.#stream.run(signal);
    void this.outbox.drain(signal);
    this.#showOutbox();
  }

  #newOutbox() {
    const { signal } = this.#life;
    return new Outbox({
      post: (entry) => this.api.send(this.#who(), entry, signal),
      // No replies is an answer too: staff may have taken the conversation over.
      answered: ({ accepted, replies }) => {
        if (signal.aborted) return;
        this.#showOutbox();
        this.#ingest([accepted, ...replies], true);
      },
      changed: () => {
        if (signal.aborted) return;
        this.#save();
        this.#showOutbox();
      },
      gone: () => signal.aborted || this.#gone(),
    });
  }

  /** @param {Message[]} messages @param {boolean} fresh */
  #ingest(messages, fresh) {
    const added = messages.filter((message) => !this.messages.has(String(message.id)));
    for (const message of added) this.messages.set(String(message.id), message);
    this.#adopt(added, fresh);
    this.#attend();
    if (added.length) this.listener.onMessages(added, fresh);
    this.#showOutbox();
  }

  #attend() {
    const now = attendance(this.messages.values());
    const { who, name, waiting } = this.attendance;
    if (now.who === who && now.name === name && now.waiting === waiting) return;
    this.attendance = now;
    this.listener.onAttendance(now);
  }

  /**
   * The server's copy of a message that still waits for its acknowledgement (lost answer, reload)
   * is not shown beside our own. History is old, so there the text must agree.
   * @param {Message[]} added @param {boolean} fresh
   */
  #adopt(added, fresh) {
    const head = this.outbox.head;
    const mine = added.filter((message) => message.author === "member").at(-1);
    if (!head?.tried || head.adopted || !mine) return;
    if (fresh || mine.text === head.text) head.adopted = String(mine.id);
  }

  #newest() {
    return [...this.messages.values()].reduce((a, b) => (a.seq > b.seq ? a : b));
  }

  /** The highest seq below which nothing is missing; what lies beyond is asked for again. */
  #cursor() {
    const seqs = [...this.messages.values()].map((message) => message.seq).sort((a, b) => a - b);
    let cursor = seqs[0] ?? 0;
    for (const seq of seqs) if (seq === cursor + 1) cursor = seq;
    return cursor;
  }

  /** The server does not know the conversation any more: begin anew, lose no written word. */
  #gone() {
    const typed = this.outbox.entries.filter((entry) => entry.choice === undefined);
    const unsent = typed.map((entry) => entry.text).join("\n");
    const again = Date.now() - this.#lastGone < 30_000; // do not spin on a broken server
    this.#lastGone = Date.now();
    this.store.forget();
    this.#clear();
    this.listener.onGone(unsent);
    if (again) this.#phase("refused");
    else this.start();
  }

  #clear() {
    this.#life.abort();
    this.#life = new AbortController();
    this.#stream = null;
    this.#saved = null;
    this.messages = new Map();
    this.#attend();
    this.outbox = this.#newOutbox();
    this.phase = "idle";
  }

  #who() {
    const { conversationId = "", accessToken = "" } = this.#saved ?? {};
    return { id: encodeURIComponent(conversationId), token: accessToken };
  }

  #save() {
    if (!this.#saved) return;
    this.#saved.outbox = this.outbox.entries;
    this.store.save(this.#saved);
  }

  #showOutbox() {
    const shown = this.outbox.entries.filter(
      (entry) => !entry.adopted || !this.messages.has(entry.adopted),
    );
    // The reply may come by the stream while its acknowledgement is still lost.
    const answered = this.outbox.head?.adopted && this.#newest()?.author !== "member";
    const byBot = this.attendance.who === "bot"; // people are not awaited with dots
    const busy = this.phase === "ready" && this.outbox.busy && !answered && byBot;
    this.listener.onOutbox(shown, busy);
  }

  /** @param {Phase} phase @param {string} [detail] */
  #phase(phase, detail = "") {
    this.phase = phase;
    this.listener.onPhase(phase, detail);
  }
}

/** @param {Entry} entry  as saved @returns {Entry} to be tried afresh after a reload */
function awake(entry) {
  return entry.state === "refused" ? entry : { ...entry, state: "sending", attempts: 0 };
}
