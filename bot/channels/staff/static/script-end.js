// @ts-check
// The end of a call: copying the text, and Ctrl+Enter to finish.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#end-form"));
const text = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#agreed"));
const copy = /** @type {HTMLButtonElement | null} */ (document.querySelector("#copy"));
const copied = document.querySelector("#copied");

if (copy && text && copied) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      text.select();
      document.execCommand("copy");
    }
    copied.textContent = copy.dataset.done || "";
  });
}
form?.querySelector('input[name="other_day"]')?.addEventListener("input", () => {
  const other = /** @type {HTMLInputElement | null} */ (form.querySelector('input[value="other"]'));
  if (other) other.checked = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && !event.isComposing)
    form?.requestSubmit(/** @type {HTMLButtonElement} */ (document.querySelector("#finish")));
});
