/** Shapes that cross the wire (see the HTTP contract) and shapes that the widget keeps. */

export type Choice = { id: string; label: string; value: string };
export type Link = { label: string; url: string };
export type StepState = "done" | "current" | "todo" | "problem";
export type ProgressCard = { kind: "progress"; steps: { label: string; state: StepState }[] };
export type Author = "member" | "bot" | "staff" | "system";

export type Message = {
  id: string;
  /** position in its conversation, growing */
  seq: number;
  author: Author;
  /** plain text, never markup */
  text: string;
  choices?: Choice[];
  links?: Link[];
  card?: ProgressCard | null;
  topic?: string | null;
  outcome?: string | null;
  question?: string | null;
  /** what the text says, as data; staff_name and owner tell who answers */
  facts?: Record<string, unknown>;
  /** ISO 8601 with offset */
  created_at: string;
};

/** Who answers now: the bot, or a person with that name; waiting: a person was promised. */
export type Attendance = { who: "bot" | "staff"; name: string; waiting: boolean };

/** One server-sent event. */
export type ServerEvent = { name: string; data: any };

export type Member = { number_masked: string; kind: "individual" | "corporate" | null };
export type Created = {
  conversation_id: string;
  access_token: string;
  member: Member | null;
  messages: Message[];
};
export type Answer = { accepted: Message; replies: Message[] };

/** What the member wrote and the server has not acknowledged. */
export type Entry = {
  /** the client_message_id */
  id: string;
  /** what the bubble shows */
  text: string;
  /** choice id, when a button was pressed */
  choice?: string;
  /** ISO 8601 */
  at: string;
  state: "sending" | "failed" | "refused";
  /** tries since the member (or the network) last asked for one */
  attempts: number;
  /** the server may have seen it */
  tried: boolean;
  /** id of the server's own copy, when that came before the acknowledgement */
  adopted?: string;
  /** why the server refused it (Japanese) */
  problem?: string;
};

/** What survives a reload. */
export type Saved = {
  /** whose conversation this is; '' for guests */
  memberKey: string;
  demoNow: string;
  conversationId: string;
  accessToken: string;
  member: Member | null;
  outbox: Entry[];
  /** ids of messages with feedback given */
  rated: string[];
};

export type Config = {
  /** origin of the API */
  base: string;
  /** undefined: the site does not say who is logged in */
  memberKey: string | undefined;
  demoNow: string;
  identityUrl: string;
  identityToken: string;
};

/** Names one conversation and opens it. */
export type Credentials = { id: string; token: string };

/**
 * What became of a call: `transient` - try the same again; `gone` - the conversation is not known
 * (any more); `identity` - the identity token was not accepted; `refused` - it will never pass.
 */
export type FailureKind = "transient" | "gone" | "identity" | "refused";

/**
 * `idle` before the first opening; `waiting` to try again; `identity` - the member must decide
 * what to do without a valid token; `refused` - the server will not.
 */
export type Phase = "idle" | "connecting" | "waiting" | "identity" | "refused" | "ready";

/** What Session tells the screen. */
export type Listener = {
  /** detail: the server's own sentence, if any */
  onPhase(phase: Phase, detail: string): void;
  /** new ones only; fresh: not history */
  onMessages(messages: Message[], fresh: boolean): void;
  /** busy: an answer is awaited */
  onOutbox(entries: Entry[], busy: boolean): void;
  /** who answers now has changed */
  onAttendance(now: Attendance): void;
  /** a person writes; name: as far as it is known */
  onTyping(name: string): void;
  /** the conversation is forgotten: clear the screen */
  onReset(): void;
  /** likewise, because the server no longer knows it; unsent: typed words that were not sent */
  onGone(unsent: string): void;
};

export type OutboxPort = {
  /** throws ApiError */
  post(entry: Entry): Promise<Answer>;
  answered(answer: Answer): void;
  /** something to save and to show */
  changed(): void;
  /** the conversation is not known any more */
  gone(): void;
};

export type StreamPort = {
  /** seq up to which everything is here */
  cursor(): number;
  deliver(messages: Message[]): void;
  /** a person writes */
  typing(data: any): void;
  gone(): void;
};

export type LogPort = {
  /** what relative links start from */
  base: string;
  choose(choice: Choice): void;
  retry(): void;
  rewrite(entry: Entry): void;
  isRated(messageId: string): boolean;
  rate(helpful: boolean, messageId: string, comment: string): Promise<void>;
};

export type ComposerPort = {
  /** false: not now, keep the text */
  send(text: string): boolean;
  /** something to remember over a reload */
  draft(text: string): void;
  /** the member writes */
  typing(): void;
};

export type PanelPort = {
  /** a part of the page: no launcher, cannot be closed */
  inline: boolean;
  open(): void;
  close(): void;
  restart(): void;
  enlarge(large: boolean): void;
  /** true: something inside took the Escape key */
  escape(): boolean;
};
