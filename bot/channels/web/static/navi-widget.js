// @ts-check
/** @import { Config } from "./types.js" */
/**
 * The widget's one script tag:
 *
 *   <script type="module" src="https://DESK/static/navi-widget.js"
 *           data-member-key="…" data-identity-url="/…"></script>
 *
 * data-member-key      opaque and different for each member, '' when nobody is logged in
 * data-identity-url    on the host site, same origin; answers {"identity_token": "…"}
 * data-identity-token  instead of the address: a token minted with the page (lives 5 minutes)
 * data-demo-now        demo only: the instant at which the conversation's rules stand
 * data-open            open with the page
 *
 * A site may place <navi-chat inline></navi-chat> itself (height: --navi-height); elements with
 * data-navi-open open the panel. The API is at the origin that this script came from.
 */
import { Chat } from "./chat.js";
import { applyStyles } from "./styles.js";

const BASE = new URL(import.meta.url).origin;
const script = [...document.scripts].find((tag) => tag.src === import.meta.url);

export class NaviChat extends HTMLElement {
  static observedAttributes = ["data-member-key"];
  /** @type {Chat | null} */
  #chat = null;

  connectedCallback() {
    const settings = { ...script?.dataset, ...this.dataset };
    if (!this.#chat) {
      const root = this.attachShadow({ mode: "open" });
      applyStyles(root);
      this.#chat = new Chat(readConfig(settings), this.hasAttribute("inline"));
      root.append(this.#chat.panel.root);
    }
    this.#chat.attach(settings.open !== undefined && settings.open !== "false");
  }

  disconnectedCallback() {
    this.#chat?.detach();
  }

  /** @param {string} _name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(_name, old, value) {
    if (this.#chat && old !== value) this.#chat.switchMember(value ?? undefined);
  }

  open() {
    this.#chat?.open();
  }

  close() {
    this.#chat?.close();
  }
}

/** @param {DOMStringMap} settings @returns {Config} */
function readConfig(settings) {
  return {
    base: BASE,
    memberKey: settings.memberKey,
    demoNow: settings.demoNow ?? "",
    identityUrl: settings.identityUrl ?? "",
    identityToken: settings.identityToken ?? "",
  };
}

function findOrAdd() {
  const placed = document.querySelector("navi-chat");
  if (!placed) document.body.append(document.createElement("navi-chat"));
}

if (!customElements.get("navi-chat")) {
  customElements.define("navi-chat", NaviChat);
  findOrAdd();
  document.addEventListener("click", (event) => {
    const target = /** @type {Element | null} */ (event.target);
    if (!target?.closest?.("[data-navi-open]")) return;
    const chat = document.querySelector("navi-chat");
    if (chat instanceof NaviChat) chat.open();
  });
}
