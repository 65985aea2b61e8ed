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
const other = /** @type {HTMLInputElement | null} */ (document.querySelector('input[value="other"]'));
const day = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="other_day"]'));
const dayWanted = () => day?.toggleAttribute("required", !!other?.checked);
day?.addEventListener("input", () => {
  if (other) other.checked = true;
  dayWanted();
});
form?.addEventListener("change", dayWanted);
dayWanted();
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && !event.isComposing)
    form?.requestSubmit(/** @type {HTMLButtonElement} */ (document.querySelector("#finish")));
});
