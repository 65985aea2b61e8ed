// Finding a caller: searches as one types, arrows go through the results. The checklist: the focus
// goes to the first answer that is still to be compared. Without this script the forms work too.

const WAIT_MS = 120;

const form = document.querySelector("#search");
if (form) {
  const field = form.querySelector("#q");
  const results = document.querySelector("#results");
  const said = document.querySelector("#said");
  let timer = 0;
  let running = new AbortController();
  let searched = field.value;

  const tell = (sentence) => {
    const line = document.createElement("p");
    line.className = "notice bad";
    line.textContent = sentence;
    results.replaceChildren(line);
    said.textContent = sentence;
  };

  const search = async () => {
    const query = field.value;
    searched = query;
    running.abort();
    running = new AbortController();
    if (!query.trim()) {
      results.replaceChildren();
      said.textContent = "";
      return;
    }
    try {
      const answer = await fetch("/staff/callers", {
        method: "POST",
        body: new URLSearchParams({ q: query, case: form.elements.case.value }),
        headers: {
          "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
          "X-Fragment": "1",
          Accept: "text/html",
        },
        signal: running.signal,
      });
      if (!answer.ok) {
        const signedOut = answer.status === 401 || answer.status === 403;
        searched = null;
        tell(signedOut ? form.dataset.signedOut : form.dataset.failed);
        return;
      }
      const html = await answer.text();
      if (query !== field.value) return;
      const page = new DOMParser().parseFromString(html, "text/html");
      const sentence = page.querySelector("#found")?.dataset.said ?? "";
      results.replaceChildren(...page.body.childNodes);
      said.textContent = sentence;
    } catch (error) {
      if (error.name === "AbortError") return;
      searched = null;
      tell(form.dataset.failed);
    }
  };

  const hits = () => [...results.querySelectorAll(".hit")];

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const found = hits();
    // Enter again on what was found alone chooses it.
    if (searched === field.value && found.length === 1) found[0].click();
    else search();
  });

  form.closest("section").addEventListener("keydown", (event) => {
    if (event.isComposing || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const found = hits();
    if (!found.length) return;
    event.preventDefault();
    const at = found.indexOf(document.activeElement);
    const to = at + (event.key === "ArrowDown" ? 1 : -1);
    (to < 0 ? field : found[Math.min(to, found.length - 1)]).focus();
  });
}

const first = document.querySelector('.checks [aria-invalid="true"]')
  ?? document.querySelector(".checks input[name=said], .checks button");
if (first && !document.querySelector("#go-on")) first.focus();
