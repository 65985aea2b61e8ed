// Marks are kept without leaving the page; without this file the form does it by itself.
for (const form of document.querySelectorAll("form.mark")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const badge = form.querySelector(".badge");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Requested-With": "fetch" },
      });
      badge.hidden = false;
      badge.className = answer.ok ? "badge ok" : "badge bad";
      badge.textContent = answer.ok ? "処理済み" : "保存できませんでした。もう一度押してください。";
    } catch {
      badge.hidden = false;
      badge.className = "badge bad";
      badge.textContent = "通信できませんでした。もう一度押してください。";
    }
    button.disabled = false;
  });
}
